import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { fieldErrorText } from '../../kube/field-error.js';
import { openTestStore } from '../testing/open-test-store.js';
import { changedService, changeProblems, preparedService, serviceProblems } from '../testing/service-strategy.js';
import type { IpFamilies } from './cluster-ips.js';
import type { ServiceSpec, ServiceStatus } from './service.js';
import { createServices } from './services.js';

const { context } = openTestStore(createServices());

const PORTS = [{ port: 80 }];
const NAMED = { ports: PORTS, clusterIP: '10.96.0.7', clusterIPs: ['10.96.0.7'], ipFamilies: ['IPv4'] };
const BOTH: IpFamilies = ['IPv4', 'IPv6'];

suite('a Service that was written', () => {
  test('has what nobody said', () => {
    const { spec, status } = preparedService({ ports: [{ port: 443 }], selector: { app: 'a' } });
    assert.deepEqual(spec, {
      ports: [{ protocol: 'TCP', port: 443, targetPort: 443 }],
      selector: { app: 'a' },
      type: 'ClusterIP',
      sessionAffinity: 'None',
      internalTrafficPolicy: 'Cluster',
      ipFamilies: ['IPv4'],
      ipFamilyPolicy: 'SingleStack',
    } satisfies ServiceSpec);
    assert.deepEqual(status, { loadBalancer: {} } satisfies ServiceStatus);
  });

  interface FamiliesCase {
    readonly name: string;
    readonly spec: object;
    readonly here?: IpFamilies;
    readonly families: readonly string[];
    readonly policy: string;
  }
  const cases: readonly FamiliesCase[] = [
    { name: 'one', spec: { ports: PORTS }, here: BOTH, families: ['IPv4'], policy: 'SingleStack' },
    {
      name: 'the default of the cluster',
      spec: { ports: PORTS },
      here: ['IPv6'],
      families: ['IPv6'],
      policy: 'SingleStack',
    },
    {
      name: 'that of its address',
      spec: { ports: PORTS, clusterIP: 'fd00::7' },
      here: BOTH,
      families: ['IPv6'],
      policy: 'SingleStack',
    },
    {
      name: 'both where it prefers them',
      spec: { ports: PORTS, ipFamilyPolicy: 'PreferDualStack' },
      here: BOTH,
      families: BOTH,
      policy: 'PreferDualStack',
    },
    {
      name: 'what there is where it prefers both',
      spec: { ports: PORTS, ipFamilyPolicy: 'PreferDualStack' },
      families: ['IPv4'],
      policy: 'PreferDualStack',
    },
    {
      name: 'both where somebody else keeps the endpoints of a headless one',
      spec: { clusterIP: 'None' },
      families: BOTH,
      policy: 'RequireDualStack',
    },
    {
      name: 'one where a headless one selects its pods',
      spec: { clusterIP: 'None', selector: { app: 'a' } },
      families: ['IPv4'],
      policy: 'SingleStack',
    },
  ];
  for (const { name, spec, here, families, policy } of cases) {
    test(`has of the families ${name}`, async () => {
      const service = preparedService(spec, here);
      assert.deepEqual(service.spec.ipFamilies, families);
      assert.equal(service.spec.ipFamilyPolicy, policy);
      assert.deepEqual(await serviceProblems(spec, here), []);
    });
  }

  const taken: readonly { readonly name: string; readonly spec: object }[] = [
    { name: 'headless, without ports', spec: { clusterIP: 'None', selector: { app: 'a' } } },
    { name: 'an alias, with a dot at its end', spec: { type: 'ExternalName', externalName: 'db.example.com.' } },
    {
      name: 'one port in two protocols, one of them by name',
      spec: {
        ports: [
          { name: 'dns', port: 53, protocol: 'UDP' },
          { name: 'dns-tcp', port: 53, targetPort: 'dns-tcp' },
        ],
      },
    },
    {
      name: 'a load balancer that keeps traffic local',
      spec: { type: 'LoadBalancer', ports: PORTS, externalTrafficPolicy: 'Local', loadBalancerClass: 'example.com/lb' },
    },
  ];
  for (const { name, spec } of taken) {
    test(`may be ${name}`, async () => assert.deepEqual(await serviceProblems(spec), []));
  }

  test('is told what does nothing', () => {
    const { strategy } = createServices();
    const warn = (spec: object) => strategy.warningsFor?.(preparedService(spec), undefined, context());
    assert.deepEqual(warn({ clusterIP: 'None', externalIPs: ['203.0.113.1'], sessionAffinity: 'ClientIP' }), [
      'spec.externalIPs is ignored for headless services',
      'spec.SessionAffinity is ignored for headless services',
    ]);
    assert.deepEqual(warn({ ports: PORTS, externalName: 'x.example.com' }), [
      'spec.externalName is ignored when spec.type is not "ExternalName"',
    ]);
  });
});

suite('an update of a Service', () => {
  const previous = preparedService(NAMED);

  const refused: readonly { readonly name: string; readonly spec: object; readonly errors: readonly string[] }[] = [
    {
      name: 'another address',
      spec: { ...NAMED, clusterIP: '10.9.9.9' },
      errors: ['spec.clusterIPs[0]: Invalid value: ["10.9.9.9"]: may not change once set'],
    },
    {
      name: 'no address where it had one',
      spec: { ...NAMED, clusterIP: 'None' },
      errors: ['spec.clusterIPs[0]: Invalid value: ["None"]: may not change once set'],
    },
    {
      name: 'another family',
      spec: { ...NAMED, ipFamilies: ['IPv6'] },
      errors: [
        'spec.ipFamilies[0]: Invalid value: ["IPv6"]: may not change once set',
        'spec.clusterIPs[0]: Invalid value: "10.96.0.7": expected an IPv6 value as indicated by `ipFamilies[0]`',
      ],
    },
  ];
  for (const { name, spec, errors } of refused) {
    test(`cannot say ${name}`, async () => assert.deepEqual(await changeProblems(spec, previous), errors));
  }

  test('cannot give up the second address without saying so', async () => {
    const dual = preparedService(
      {
        ports: PORTS,
        clusterIP: '10.96.0.7',
        clusterIPs: ['10.96.0.7', 'fd00::7'],
        ipFamilyPolicy: 'RequireDualStack',
      },
      BOTH,
    );
    const spec = { ...dual.spec, clusterIPs: ['10.96.0.7'], ipFamilies: ['IPv4'] };
    assert.deepEqual(await changeProblems(spec, dual, BOTH), [
      'spec.ipFamilyPolicy: Invalid value: "RequireDualStack": must be \'SingleStack\' to release the secondary cluster IP',
      'spec.ipFamilyPolicy: Invalid value: "RequireDualStack": must be \'SingleStack\' to release the secondary IP family',
    ]);
    const single = changedService({ ...dual.spec, ipFamilyPolicy: 'SingleStack' }, dual, BOTH);
    assert.deepEqual([single.spec.clusterIPs, single.spec.ipFamilies], [['10.96.0.7'], ['IPv4']]);
  });

  test('keeps the address where it names none', async () => {
    const { spec } = changedService({ ports: PORTS }, previous);
    assert.deepEqual([spec.clusterIP, spec.clusterIPs, spec.ipFamilies], ['10.96.0.7', ['10.96.0.7'], ['IPv4']]);
    assert.deepEqual(await changeProblems({ ports: PORTS }, previous), []);
  });

  test('takes the address from one that becomes an alias', async () => {
    const alias = { ...NAMED, ipFamilyPolicy: 'SingleStack', type: 'ExternalName', externalName: 'db.example.com' };
    const { spec } = changedService(alias, previous);
    assert.deepEqual([spec.clusterIP, spec.clusterIPs, spec.ipFamilies], [undefined, undefined, undefined]);
    assert.deepEqual(await changeProblems(alias, previous), []);
  });

  test('keeps node ports by the names of their ports, and drops them with the type', () => {
    const ports = [
      { name: 'a', port: 80, nodePort: 30_001 },
      { name: 'b', port: 81, nodePort: 30_002 },
    ];
    const exposed = preparedService({ ...NAMED, type: 'NodePort', ports });
    const swapped = changedService(
      {
        ...NAMED,
        type: 'NodePort',
        ports: [
          { name: 'b', port: 81 },
          { name: 'a', port: 90 },
          { name: 'c', port: 82 },
        ],
      },
      exposed,
    );
    assert.deepEqual(
      swapped.spec.ports?.map((port) => port.nodePort),
      [30_002, 30_001, undefined],
    );
    const inner = changedService({ ...NAMED, ports, externalTrafficPolicy: 'Cluster' }, exposed);
    assert.deepEqual(
      inner.spec.ports?.map((port) => port.nodePort),
      [undefined, undefined],
    );
    assert.equal(inner.spec.externalTrafficPolicy, undefined);
  });

  test('leaves the status alone, and forgets the load balancer with the type', () => {
    const ingress = [{ ip: '203.0.113.5', ipMode: 'VIP' }];
    const balanced = { ...preparedService({ ...NAMED, type: 'LoadBalancer' }), status: { loadBalancer: { ingress } } };
    const { strategy } = createServices();
    const meddling = { ...balanced, status: { loadBalancer: {} } };
    assert.deepEqual(strategy.prepareForUpdate(meddling, balanced, context()).status, { loadBalancer: { ingress } });
    assert.deepEqual(changedService(NAMED, balanced).status, { loadBalancer: {} });
  });
});

suite('the status of a Service', () => {
  const status = createServices().subresources?.['status'];
  assert.ok(status?.kind === 'update');

  async function statusProblems(type: string, ingress: readonly object[]): Promise<readonly string[]> {
    assert.ok(status?.kind === 'update');
    const service = { ...preparedService({ ports: PORTS, type }), status: { loadBalancer: { ingress } } };
    return (await status.validateUpdate(service, service, context())).map(fieldErrorText);
  }

  test('has a load balancer only where the type has one', async () => {
    assert.deepEqual(await statusProblems('ClusterIP', [{ ip: '203.0.113.5' }]), [
      'status.loadBalancer.ingress: Forbidden: may only be used when `spec.type` is "LoadBalancer"',
    ]);
  });

  test('tells addresses from names', async () => {
    assert.deepEqual(await statusProblems('LoadBalancer', [{ hostname: '203.0.113.5' }, { ip: 'x', ipMode: 'Odd' }]), [
      'status.loadBalancer.ingress[0].hostname: Invalid value: "203.0.113.5": must be a DNS name, not an IP address',
      'status.loadBalancer.ingress[1].ip: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
      'status.loadBalancer.ingress[1].ipMode: Unsupported value: "Odd": supported values: "Proxy", "VIP"',
    ]);
  });

  test('cannot change what the Service shall be', () => {
    const previous = preparedService(NAMED);
    const next = { ...previous, spec: {}, status: { loadBalancer: { ingress: [{ ip: '203.0.113.5' }] } } };
    const { spec } = status.prepareForUpdate(next, previous, context());
    assert.equal(spec, previous.spec);
  });
});

test('prints addresses, ports and selector', () => {
  const { cells } = createServices();
  const row = (spec: object, status: object = {}) => {
    const service = { ...preparedService(spec), status: { loadBalancer: {}, ...status } };
    return cells(service, context().now).filter((_cell, i) => i !== 0 && i !== 5);
  };
  assert.deepEqual(row({ ...NAMED, selector: { b: '2', a: '1' } }), [
    'ClusterIP',
    '10.96.0.7',
    '<none>',
    '80/TCP',
    'a=1,b=2',
  ]);
  assert.deepEqual(row({ clusterIP: 'None' }), ['ClusterIP', 'None', '<none>', '<none>', '<none>']);
  assert.deepEqual(row({ type: 'ExternalName', externalName: 'db.example.com' }), [
    'ExternalName',
    '<none>',
    'db.example.com',
    '<none>',
    '<none>',
  ]);
  const balanced = { ...NAMED, type: 'LoadBalancer', ports: [{ port: 80, nodePort: 30_080 }] };
  assert.deepEqual(row(balanced), ['LoadBalancer', '10.96.0.7', '<pending>', '80:30080/TCP', '<none>']);
  const ingress = [{ ip: '203.0.113.5' }, { hostname: 'lb.example.com' }];
  assert.equal(row(balanced, { loadBalancer: { ingress } })[2], '203.0.113.5,lb.example.com');
});

test('writes the fields of the spec in the order of the API', async () => {
  const { objects } = openTestStore(createServices());
  const created = await objects.create(preparedService({ ports: PORTS, clusterIP: 'None' }), { context: context() });
  assert.deepEqual(Object.keys(created.spec), [
    'ports',
    'clusterIP',
    'clusterIPs',
    'type',
    'sessionAffinity',
    'ipFamilies',
    'ipFamilyPolicy',
    'internalTrafficPolicy',
  ]);
});
