import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeObject } from '../../kube/decode-json.js';
import { openTestStore } from '../testing/open-test-store.js';
import type { Pod } from './pod.js';
import { createPods } from './pods.js';
import { podSchema } from './schema/pod.js';

const pods = createPods({ nodeExists: () => true });

const KEY = { namespace: 'default', name: 'web' };

/** A pod as its JSON is decoded; one container unless told otherwise. */
function pod(spec: object = {}, more: object = {}): Pod {
  const json = { metadata: KEY, spec: { containers: [{ name: 'c', image: 'nginx:1.27' }], ...spec }, ...more };
  // decoded by the schema of pods
  return decodeObject(podSchema, 'Pod', json).object as Pod;
}

const container = (more: object): object => ({ containers: [{ name: 'c', image: 'nginx', ...more }] });

const refused: readonly { readonly name: string; readonly spec: object; readonly error: string }[] = [
  { name: 'no container', spec: { containers: [] }, error: 'spec.containers: Required value' },
  {
    name: 'a container without a name',
    spec: { containers: [{ image: 'nginx' }] },
    error: 'spec.containers[0].name: Required value',
  },
  {
    name: 'a container whose name is no DNS label',
    spec: { containers: [{ name: 'a.b', image: 'nginx' }] },
    error: 'spec.containers[0].name: Invalid value: "a.b": must not contain dots',
  },
  {
    name: 'a container without an image',
    spec: { containers: [{ name: 'c' }] },
    error: 'spec.containers[0].image: Required value',
  },
  {
    name: 'an image between spaces',
    spec: container({ image: ' nginx' }),
    error: 'spec.containers[0].image: Invalid value: " nginx": must not have leading or trailing whitespace',
  },
  {
    name: 'two containers of one name',
    spec: { ...container({}), initContainers: [{ name: 'c', image: 'nginx' }] },
    error: 'spec.initContainers[0].name: Duplicate value: "c"',
  },
  {
    name: 'an unknown way to pull images',
    spec: container({ imagePullPolicy: 'Maybe' }),
    error:
      'spec.containers[0].imagePullPolicy: Unsupported value: "Maybe": supported values: "Always", "IfNotPresent", "Never"',
  },
  {
    name: 'unknown last words',
    spec: container({ terminationMessagePolicy: 'Shout' }),
    error:
      'spec.containers[0].terminationMessagePolicy: Unsupported value: "Shout": supported values: "FallbackToLogsOnError", "File"',
  },
  {
    name: 'a port that is none',
    spec: container({ ports: [{ containerPort: 70000 }] }),
    error: 'spec.containers[0].ports[0].containerPort: Invalid value: 70000: must be between 1 and 65535, inclusive',
  },
  {
    name: 'a port without a number',
    spec: container({ ports: [{ name: 'http' }] }),
    error: 'spec.containers[0].ports[0].containerPort: Required value',
  },
  {
    name: 'a protocol that is none',
    spec: container({ ports: [{ containerPort: 80, protocol: 'HTTP' }] }),
    error: 'spec.containers[0].ports[0].protocol: Unsupported value: "HTTP": supported values: "SCTP", "TCP", "UDP"',
  },
  {
    name: 'a port name with an underscore',
    spec: container({ ports: [{ containerPort: 80, name: 'h_p' }] }),
    error:
      'spec.containers[0].ports[0].name: Invalid value: "h_p": must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)',
  },
  {
    name: 'a port of the node that is another',
    spec: { hostNetwork: true, ...container({ ports: [{ containerPort: 80, hostPort: 81 }] }) },
    error:
      'spec.containers[0].ports[0].hostPort: Invalid value: 81: must match `containerPort` when `hostNetwork` is true',
  },
  {
    name: 'a variable with an equals sign',
    spec: container({ env: [{ name: 'a=b' }] }),
    error:
      'spec.containers[0].env[0].name: Invalid value: "a=b": a valid environment variable name must consist only of printable ASCII characters other than \'=\'',
  },
  {
    name: 'a mount of no volume',
    spec: container({ volumeMounts: [{ name: 'v', mountPath: '/v' }] }),
    error: 'spec.containers[0].volumeMounts[0].name: Not found: "v"',
  },
  {
    name: 'two mounts in one place',
    spec: {
      volumes: [{ name: 'v' }],
      ...container({
        volumeMounts: [
          { name: 'v', mountPath: '/v' },
          { name: 'v', mountPath: '/v' },
        ],
      }),
    },
    error: 'spec.containers[0].volumeMounts[1].mountPath: Invalid value: "/v": must be unique',
  },
  {
    name: 'two volumes of one name',
    spec: { volumes: [{ name: 'v' }, { name: 'v' }] },
    error: 'spec.volumes[1].name: Duplicate value: "v"',
  },
  {
    name: 'a volume of two kinds',
    spec: { volumes: [{ name: 'v', emptyDir: {}, hostPath: { path: '/' } }] },
    error: 'spec.volumes[0].emptyDir: Forbidden: may not specify more than 1 volume type',
  },
  {
    name: 'a container that is only for pods that run',
    spec: { ephemeralContainers: [{ name: 'e', image: 'busybox' }] },
    error: 'spec.ephemeralContainers: Forbidden: cannot be set on create',
  },
  {
    name: 'an unknown restart policy',
    spec: { restartPolicy: 'Sometimes' },
    error: 'spec.restartPolicy: Unsupported value: "Sometimes": supported values: "Always", "Never", "OnFailure"',
  },
  {
    name: 'an unknown DNS policy',
    spec: { dnsPolicy: 'Guess' },
    error:
      'spec.dnsPolicy: Unsupported value: "Guess": supported values: "ClusterFirst", "ClusterFirstWithHostNet", "Default", "None"',
  },
  {
    name: 'a deadline of nothing',
    spec: { activeDeadlineSeconds: 0 },
    error: 'spec.activeDeadlineSeconds: Invalid value: 0: must be between 1 and 2147483647, inclusive',
  },
  {
    name: 'a host name with dots',
    spec: { hostname: 'a.b' },
    error: 'spec.hostname: Invalid value: "a.b": must not contain dots',
  },
  {
    name: 'a subdomain with dots',
    spec: { subdomain: 'a.b' },
    error: 'spec.subdomain: Invalid value: "a.b": must not contain dots',
  },
  {
    name: 'a gate for a pod that is placed',
    spec: { nodeName: 'n', schedulingGates: [{ name: 'g' }] },
    error: 'spec.nodeName: Forbidden: cannot be set until all schedulingGates have been cleared',
  },
];

for (const { name, spec, error } of refused) {
  test(`refuses ${name}`, async () => {
    const { objects, context } = openTestStore(pods);
    await assert.rejects(objects.create(pod(spec), { context: context() }), {
      message: `Pod "web" is invalid: ${error}`,
    });
  });
}

test('refuses a service account and a node that cannot be the name of one', async () => {
  const { objects, context } = openTestStore(pods);
  const create = objects.create(pod({ serviceAccountName: 'A', nodeName: 'B' }), { context: context() });
  await assert.rejects(create, /spec\.serviceAccountName: Invalid value: "A".*spec\.nodeName: Invalid value: "B"/);
});

test('fills in what a pod does not say', async () => {
  const { objects, context } = openTestStore(pods);
  const made = await objects.create(
    pod({
      volumes: [{ name: 'empty' }, { name: 'secret', secret: { secretName: 's' } }],
      containers: [
        {
          name: 'c',
          image: 'registry.example:5000/web',
          ports: [{ containerPort: 80 }],
          env: [{ name: 'IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } }],
          readinessProbe: { httpGet: { port: 80 } },
          resources: { limits: { cpu: '1000m' } },
        },
      ],
    }),
    { context: context() },
  );
  const { containers, volumes, tolerations, ...spec } = made.spec;
  assert.deepEqual(spec, {
    restartPolicy: 'Always',
    terminationGracePeriodSeconds: 30,
    dnsPolicy: 'ClusterFirst',
    serviceAccountName: 'default',
    serviceAccount: 'default',
    securityContext: {},
    schedulerName: 'default-scheduler',
    enableServiceLinks: true,
    priority: 0,
    preemptionPolicy: 'PreemptLowerPriority',
  });
  assert.deepEqual(containers, [
    {
      name: 'c',
      image: 'registry.example:5000/web',
      ports: [{ containerPort: 80, protocol: 'TCP' }],
      env: [{ name: 'IP', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'status.podIP' } } }],
      readinessProbe: {
        httpGet: { path: '/', port: 80, scheme: 'HTTP' },
        timeoutSeconds: 1,
        periodSeconds: 10,
        successThreshold: 1,
        failureThreshold: 3,
      },
      resources: { limits: { cpu: '1' }, requests: { cpu: '1' } },
      imagePullPolicy: 'Always',
      terminationMessagePath: '/dev/termination-log',
      terminationMessagePolicy: 'File',
    },
  ]);
  assert.deepEqual(volumes, [
    { name: 'empty', emptyDir: {} },
    { name: 'secret', secret: { secretName: 's', defaultMode: 420 } },
  ]);
  assert.deepEqual(tolerations, [
    { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 },
    { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 },
  ]);
  assert.deepEqual(made.status, { phase: 'Pending', qosClass: 'Burstable' });
});

test('takes no status from whoever creates or updates a pod', async () => {
  const { objects, context } = openTestStore(pods);
  const status = { phase: 'Running', podIP: '10.0.0.1' };
  const made = await objects.create(pod({}, { status }), { context: context() });
  assert.equal(made.status.phase, 'Pending');
  const { object } = await objects.update(KEY, () => ({ ...made, status }), { context: context() });
  assert.equal(object.status.podIP, undefined);
});

test('warns of a name that is no host name', async () => {
  const { objects, context, warnings } = openTestStore(pods);
  const made = await objects.create(pod({}, { metadata: { ...KEY, name: 'a.b' } }), { context: context() });
  await objects.update({ ...KEY, name: 'a.b' }, () => made, { context: context() });
  assert.deepEqual(warnings, [
    "metadata.name: this is used in the Pod's hostname, which can result in surprising behavior; " +
      'a DNS label is recommended: [must not contain dots]',
  ]);
});

test('takes the deprecated name of the service account, and shows both', async () => {
  const { objects, context } = openTestStore(pods);
  const { spec } = await objects.create(pod({ serviceAccount: 'web' }), { context: context() });
  assert.deepEqual([spec.serviceAccountName, spec.serviceAccount], ['web', 'web']);
});

const qualities: readonly { readonly name: string; readonly resources: object; readonly qosClass: string }[] = [
  { name: 'nothing', resources: {}, qosClass: 'BestEffort' },
  { name: 'a limit of one resource', resources: { limits: { cpu: '1' } }, qosClass: 'Burstable' },
  {
    name: 'equal limits and requests in other words',
    resources: { limits: { cpu: '1', memory: '1Gi' }, requests: { cpu: '1000m', memory: '1073741824' } },
    qosClass: 'Guaranteed',
  },
  {
    name: 'lower requests',
    resources: { limits: { cpu: '1', memory: '1Gi' }, requests: { cpu: '500m' } },
    qosClass: 'Burstable',
  },
];

for (const { name, resources, qosClass } of qualities) {
  test(`calls a pod that says ${name} of its resources ${qosClass}`, async () => {
    const { objects, context } = openTestStore(pods);
    const made = await objects.create(pod(container({ resources })), { context: context() });
    assert.equal(made.status.qosClass, qosClass);
  });
}

const changes: readonly {
  readonly name: string;
  readonly before?: object;
  readonly after: object;
  readonly error?: RegExp;
}[] = [
  {
    name: 'another node',
    before: { nodeName: 'n1' },
    after: { nodeName: 'n2' },
    error: /spec: Forbidden: pod updates may not change fields other than `spec\.containers\[\*\]\.image`/,
  },
  { name: 'a node where there was none', after: { nodeName: 'n2' }, error: /pod updates may not change/ },
  { name: 'another host name', after: { hostname: 'other' }, error: /pod updates may not change/ },
  { name: 'another service account', after: { serviceAccountName: 'other' }, error: /pod updates may not change/ },
  {
    name: 'one container more',
    after: { containers: ['c', 'd'].map((name) => ({ name, image: 'nginx' })) },
    error: /spec\.containers: Forbidden: pod updates may not add or remove containers/,
  },
  {
    name: 'a later deadline',
    before: { activeDeadlineSeconds: 10 },
    after: { activeDeadlineSeconds: 11 },
    error: /spec\.activeDeadlineSeconds: Invalid value: 11: must be less than or equal to previous value/,
  },
  {
    name: 'no deadline any more',
    before: { activeDeadlineSeconds: 10 },
    after: {},
    error: /must not update from a positive integer to nil value/,
  },
  {
    name: 'a toleration less',
    after: { tolerations: [] },
    error: /spec\.tolerations: Forbidden: existing toleration can not be modified except its tolerationSeconds/,
  },
  {
    name: 'a gate more',
    after: { schedulingGates: [{ name: 'g' }] },
    error: /only deletion is allowed, but found new scheduling gate 'g'/,
  },
  { name: 'another image', after: container({ image: 'nginx:2', imagePullPolicy: 'IfNotPresent' }) },
  { name: 'a nearer deadline', before: { activeDeadlineSeconds: 10 }, after: { activeDeadlineSeconds: 9 } },
  { name: 'a gate less', before: { schedulingGates: [{ name: 'g' }] }, after: {} },
];

for (const { name, before = {}, after, error } of changes) {
  test(`${error === undefined ? 'takes' : 'refuses'} an update to ${name}`, async () => {
    const { objects, context } = openTestStore(pods);
    const made = await objects.create(pod(before), { context: context() });
    const kept = { tolerations: made.spec.tolerations, priority: 0, preemptionPolicy: 'PreemptLowerPriority' };
    const account = { serviceAccountName: 'default' };
    const update = objects.update(KEY, () => pod({ ...kept, ...account, ...after }), { context: context() });
    if (error === undefined) assert.equal((await update).created, false);
    else await assert.rejects(update, error);
  });
}

test('is found by where it runs, as whom, and what it does', () => {
  const one = pod({ nodeName: 'n', serviceAccountName: 'web', hostNetwork: true }, { status: { podIP: '10.0.0.1' } });
  const read = Object.entries(pods.selectableFields ?? {}).map(([name, of]) => [name, of(one)]);
  assert.deepEqual(Object.fromEntries(read), {
    'spec.nodeName': 'n',
    'spec.host': 'n',
    'spec.restartPolicy': '',
    'spec.schedulerName': '',
    'spec.serviceAccountName': 'web',
    'spec.hostNetwork': 'true',
    'status.phase': '',
    'status.podIP': '10.0.0.1',
    'status.podIPs': '10.0.0.1',
    'status.nominatedNodeName': '',
  });
});
