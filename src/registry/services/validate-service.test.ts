import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { openTestStore } from '../testing/open-test-store.js';
import { preparedService, serviceProblems } from '../testing/service-strategy.js';
import type { IpFamilies } from './cluster-ips.js';
import { createServices } from './services.js';

const PORTS = [{ port: 80 }];
const BOTH: IpFamilies = ['IPv4', 'IPv6'];
const PORT_RANGE = 'must be between 1 and 65535, inclusive';

suite('a Service is refused', () => {
  const refused: readonly { readonly name: string; readonly spec: object; readonly errors: readonly string[] }[] = [
    { name: 'without ports', spec: {}, errors: ['spec.ports: Required value'] },
    {
      name: 'with ports that are none',
      spec: { ports: [{ port: 70_000 }] },
      errors: [
        `spec.ports[0].port: Invalid value: 70000: ${PORT_RANGE}`,
        `spec.ports[0].targetPort: Invalid value: 70000: ${PORT_RANGE}`,
      ],
    },
    {
      name: 'with two ports without names',
      spec: { ports: [{ port: 80 }, { port: 81 }] },
      errors: ['spec.ports[0].name: Required value', 'spec.ports[1].name: Required value'],
    },
    {
      name: 'with a name of a port twice',
      spec: {
        ports: [
          { name: 'a', port: 80 },
          { name: 'a', port: 81 },
        ],
      },
      errors: ['spec.ports[1].name: Duplicate value: "a"'],
    },
    {
      name: 'with the same port twice',
      spec: {
        ports: [
          { name: 'a', port: 80 },
          { name: 'b', port: 80, targetPort: 81 },
        ],
      },
      errors: [
        'spec.ports[1]: Duplicate value: {"Name":"","Protocol":"TCP","AppProtocol":null,"Port":80,"TargetPort":0,"NodePort":0}',
      ],
    },
    {
      name: 'with a protocol that nobody knows, and a target that is no name',
      spec: { ports: [{ port: 80, protocol: 'ICMP', targetPort: 'no--name' }] },
      errors: [
        'spec.ports[0].protocol: Unsupported value: "ICMP": supported values: "SCTP", "TCP", "UDP"',
        'spec.ports[0].targetPort: Invalid value: "no--name": must not contain consecutive hyphens',
      ],
    },
    {
      name: 'with a node port where there are none',
      spec: { ports: [{ port: 80, nodePort: 30_000 }] },
      errors: ["spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'"],
    },
    {
      name: 'of a type that there is not',
      spec: { ports: PORTS, type: 'Magic' },
      errors: [
        'spec.type: Unsupported value: "Magic": supported values: "ClusterIP", "ExternalName", "LoadBalancer", "NodePort"',
      ],
    },
    {
      name: 'with an address that is none',
      spec: { ports: PORTS, clusterIP: '10.96.0.300' },
      errors: [
        'spec.clusterIPs[0]: Invalid value: "10.96.0.300": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
      ],
    },
    {
      name: 'with an IPv4 address within an IPv6 one',
      spec: { ports: PORTS, clusterIP: '::ffff:10.96.0.3' },
      errors: [
        'spec.clusterIPs[0]: Invalid value: "::ffff:10.96.0.3": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
      ],
    },
    {
      name: 'with a first address that is another',
      spec: { ports: PORTS, clusterIP: '10.96.0.3', clusterIPs: ['10.96.0.4'] },
      errors: ['spec.clusterIPs: Invalid value: ["10.96.0.4"]: first value must match `clusterIP`'],
    },
    {
      name: 'with several addresses only',
      spec: { ports: PORTS, clusterIPs: ['10.96.0.4'] },
      errors: ['spec.clusterIPs: Invalid value: ["10.96.0.4"]: must be empty when `clusterIP` is not specified'],
    },
    {
      name: 'that is headless and yet has an address',
      spec: { clusterIP: 'None', clusterIPs: ['None', '10.96.0.4'] },
      errors: [
        'spec.ports: Required value',
        'spec.clusterIPs: Invalid value: ["None","10.96.0.4"]: \'None\' must be the first and only value',
      ],
    },
    {
      name: 'with an address of a family that there is not here',
      spec: { ports: PORTS, clusterIP: 'fd00::1' },
      errors: ['spec.clusterIPs[0]: Invalid value: ["fd00::1"]: IPv6 is not configured on this cluster'],
    },
    {
      name: 'with a family that there is not here',
      spec: { ports: PORTS, ipFamilies: ['IPv6'] },
      errors: ['spec.ipFamilies[0]: Invalid value: "IPv6": not configured on this cluster'],
    },
    {
      name: 'that requires both families where there is one',
      spec: { ports: PORTS, ipFamilyPolicy: 'RequireDualStack' },
      errors: [
        'spec.ipFamilyPolicy: Invalid value: "RequireDualStack": this cluster is not configured for dual-stack services',
      ],
    },
    {
      name: 'that is headless and has node ports',
      spec: { type: 'NodePort', clusterIP: 'None', ports: PORTS },
      errors: ['spec.clusterIPs[0]: Invalid value: "None": may not be set to \'None\' for NodePort services'],
    },
    { name: 'that stands for no name', spec: { type: 'ExternalName' }, errors: ['spec.externalName: Required value'] },
    {
      name: 'that stands for a name and has an address',
      spec: { type: 'ExternalName', externalName: 'db.example.com', clusterIP: '10.96.0.3', ipFamilies: ['IPv4'] },
      errors: [
        'spec.clusterIPs: Forbidden: may not be set for ExternalName services',
        'spec.ipFamilies: Forbidden: may not be set for ExternalName services',
      ],
    },
    {
      name: 'with external addresses that lead nowhere',
      spec: { ports: PORTS, externalIPs: ['127.0.0.1', '169.254.169.254', '0.0.0.0', 'x'] },
      errors: [
        'spec.externalIPs[0]: Invalid value: "127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128)',
        'spec.externalIPs[1]: Invalid value: "169.254.169.254": may not be in the link-local range (169.254.0.0/16, fe80::/10)',
        'spec.externalIPs[2]: Invalid value: "0.0.0.0": may not be unspecified (0.0.0.0)',
        'spec.externalIPs[3]: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
      ],
    },
    {
      name: 'with what only load balancers have',
      spec: {
        ports: PORTS,
        loadBalancerSourceRanges: ['10.0.0.0/8'],
        allocateLoadBalancerNodePorts: true,
        loadBalancerClass: 'example.com/lb',
        externalTrafficPolicy: 'Local',
        healthCheckNodePort: 30_000,
      },
      errors: [
        "spec.LoadBalancerSourceRanges: Forbidden: may only be used when `type` is 'LoadBalancer'",
        "spec.allocateLoadBalancerNodePorts: Forbidden: may only be used when `type` is 'LoadBalancer'",
        "spec.loadBalancerClass: Forbidden: may only be used when `type` is 'LoadBalancer'",
        'spec.externalTrafficPolicy: Invalid value: "Local": may only be set for externally-accessible services',
        "spec.healthCheckNodePort: Invalid value: 30000: may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'",
      ],
    },
    {
      name: 'that shows the kubelet to everybody',
      spec: { type: 'LoadBalancer', ports: [{ port: 10_250 }], loadBalancerSourceRanges: ['10.0.0.0'] },
      errors: [
        'spec.ports[0]: Invalid value: 10250: may not expose port 10250 externally since it is used by kubelet',
        'spec.LoadBalancerSourceRanges[0]: Invalid value: "10.0.0.0": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)',
      ],
    },
    {
      name: 'that keeps its clients for too long',
      spec: {
        ports: PORTS,
        sessionAffinity: 'ClientIP',
        sessionAffinityConfig: { clientIP: { timeoutSeconds: 86_401 } },
      },
      errors: [
        'spec.sessionAffinityConfig.clientIP.timeoutSeconds: Invalid value: 86401: must be greater than 0 and less than 86400',
      ],
    },
    {
      name: 'with a selector that no label can match',
      spec: { ports: PORTS, selector: { app: 'a b' } },
      errors: [
        "spec.selector: Invalid value: \"a b\": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')",
      ],
    },
  ];
  for (const { name, spec, errors } of refused) {
    test(name, async () => assert.deepEqual(await serviceProblems(spec), errors));
  }

  test('with two addresses of one family', async () => {
    const spec = { ports: PORTS, clusterIP: '10.96.0.3', clusterIPs: ['10.96.0.3', '10.96.0.4'] };
    assert.deepEqual(await serviceProblems({ ...spec, ipFamilyPolicy: 'RequireDualStack' }, BOTH), [
      'spec.clusterIPs: Invalid value: ["10.96.0.3","10.96.0.4"]: may specify no more than one IP for each IP family',
    ]);
  });

  test('by names with dots', async () => {
    const { objects, context } = openTestStore(createServices());
    const service = { ...preparedService({ ports: PORTS }), metadata: { name: 'a.b', namespace: 'default' } };
    await assert.rejects(objects.create(service, { context: context() }), {
      message: 'Service "a.b" is invalid: metadata.name: Invalid value: "a.b": must not contain dots',
    });
  });
});
