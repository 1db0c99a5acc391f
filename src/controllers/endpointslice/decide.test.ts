import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { EndpointSlice, Pod, Service, ServicePort } from '../../client/core-objects.js';
import type { Decision } from '../runtime/controller.js';
import { decideSlices, MANAGED_BY_LABEL, MANAGER, SERVICE_NAME_LABEL, type SliceAction } from './decide.js';
import {
  ownerReferenceTo,
  podFactsOf,
  selects,
  serviceFactsOf,
  type PodFacts,
  type ServiceFacts,
} from './endpoint-facts.js';
import { MAX_ENDPOINTS } from './place-endpoints.js';

const WEB: Service = {
  metadata: { name: 'web', namespace: 'shop', uid: 'uid-web', labels: { team: 'a' } },
  spec: {
    type: 'ClusterIP',
    clusterIP: '10.96.0.7',
    selector: { app: 'web' },
    ports: [{ name: 'https', protocol: 'TCP', port: 443, targetPort: 8443 }],
    ipFamilies: ['IPv4'],
  },
};

function service(spec: Partial<NonNullable<Service['spec']>> = {}, labels?: Record<string, string>): ServiceFacts {
  const metadata = labels === undefined ? WEB.metadata : { ...WEB.metadata, labels };
  return serviceFactsOf({ metadata, spec: { ...WEB.spec, ...spec } });
}

function pod(number: number, more: { spec?: Pod['spec']; status?: Pod['status']; deleted?: true } = {}): PodFacts {
  const ip = `10.0.${Math.floor(number / 250)}.${(number % 250) + 1}`;
  return podFactsOf({
    metadata: {
      name: `web-${number}`,
      namespace: 'shop',
      uid: `uid-${number}`,
      labels: { app: 'web' },
      ...(more.deleted === undefined ? {} : { deletionTimestamp: '2026-01-01T00:00:00Z' }),
    },
    spec: { nodeName: 'node-1', ...more.spec },
    status: {
      phase: 'Running',
      podIP: ip,
      podIPs: [{ ip }],
      conditions: [{ type: 'Ready', status: 'True' }],
      ...more.status,
    },
  });
}

const pods = (count: number, from = 0): readonly PodFacts[] => Array.from({ length: count }, (_, i) => pod(from + i));

function actionsOf(decision: Decision<SliceAction>): readonly SliceAction[] {
  assert.notEqual(decision.kind, 'wait');
  return decision.kind === 'act' ? decision.actions : [];
}

/** Slices after actions, as the server would have them. */
function after(slices: readonly EndpointSlice[], actions: readonly SliceAction[]): readonly EndpointSlice[] {
  const kept = new Map(slices.map((slice) => [slice.metadata.name, slice]));
  for (const { kind, slice } of actions) {
    if (kind === 'delete') kept.delete(slice.metadata.name);
    else kept.set(slice.metadata.name, slice);
  }
  return [...kept.values()];
}

/** What the slices come to be, and that they then stay. */
function settled(seen: ServiceFacts, selected: readonly PodFacts[], slices: readonly EndpointSlice[] = []) {
  const next = after(slices, actionsOf(decideSlices({ service: seen, pods: selected, slices })));
  assert.deepEqual(decideSlices({ service: seen, pods: selected, slices: next }), { kind: 'done' });
  return next;
}

const kinds = (actions: readonly SliceAction[]): readonly string[] => actions.map(({ kind }) => kind);
const countOf = (slices: readonly EndpointSlice[]): readonly number[] =>
  slices.map(({ endpoints }) => endpoints?.length ?? 0);
const uidsOf = (slices: readonly EndpointSlice[]): readonly string[] =>
  slices.flatMap(({ endpoints }) => (endpoints ?? []).map(({ targetRef }) => targetRef?.uid ?? '')).sort();

suite('which slices are kept', () => {
  const none: readonly { readonly name: string; readonly service: ServiceFacts }[] = [
    { name: 'a Service without selector', service: serviceFactsOf({ ...WEB, spec: { ...WEB.spec, selector: {} } }) },
    { name: 'an alias', service: service({ type: 'ExternalName', externalName: 'db.example.com' }) },
  ];
  for (const { name, service: seen } of none) {
    test(`none for ${name}, and none of its slices is touched`, () => {
      const slices = settled(service(), pods(2));
      assert.deepEqual(decideSlices({ service: seen, pods: [], slices }), { kind: 'done' });
    });
  }

  test('those of a Service that is gone are left to the garbage collector', () => {
    const slices = settled(service(), pods(1));
    assert.deepEqual(decideSlices({ service: undefined, pods: [], slices }), { kind: 'done' });
  });

  test('those of an earlier Service of the same name go, whatever is in them', () => {
    const slices = settled(service(), pods(1));
    const again = serviceFactsOf({ ...WEB, metadata: { ...WEB.metadata, uid: 'uid-again' } });
    const actions = actionsOf(decideSlices({ service: again, pods: pods(1), slices }));
    assert.deepEqual(kinds(actions), ['create', 'delete']);
    const [made] = after(slices, actions);
    assert.deepEqual(made?.metadata.ownerReferences, [ownerReferenceTo(again)]);
    assert.notEqual(made.metadata.name, slices[0]?.metadata.name);
  });

  test('one without endpoints says that there are none', () => {
    const [slice, ...others] = settled(service(), []);
    assert.deepEqual(others, []);
    assert.deepEqual([slice?.endpoints, slice?.ports, slice?.addressType], [null, null, 'IPv4']);
    const filled = settled(service(), pods(1), [slice ?? assert.fail()]);
    assert.deepEqual(
      filled.map(({ metadata }) => metadata.name),
      [slice?.metadata.name],
      'it is used again',
    );
  });

  test('one of each family', () => {
    const dual = pod(1, { status: { podIPs: [{ ip: '10.0.0.2' }, { ip: 'fd00::2' }] } });
    const slices = settled(service({ ipFamilies: ['IPv4', 'IPv6'] }), [dual]);
    const shown = slices.map(({ addressType, endpoints }) => [addressType, endpoints?.[0]?.addresses]);
    assert.deepEqual(shown, [
      ['IPv4', ['10.0.0.2']],
      ['IPv6', ['fd00::2']],
    ]);
  });
});

suite('what a slice says', () => {
  test('whose it is, where, at which ports', () => {
    const [slice] = settled(service(), [pod(1)]);
    assert.match(slice?.metadata.name ?? '', /^web-[a-z0-9]{8}$/);
    assert.deepEqual(slice, {
      metadata: {
        name: slice?.metadata.name,
        namespace: 'shop',
        labels: { team: 'a', [SERVICE_NAME_LABEL]: 'web', [MANAGED_BY_LABEL]: MANAGER },
        ownerReferences: [
          {
            apiVersion: 'v1',
            kind: 'Service',
            name: 'web',
            uid: 'uid-web',
            controller: true,
            blockOwnerDeletion: true,
          },
        ],
      },
      addressType: 'IPv4',
      endpoints: [
        {
          addresses: ['10.0.0.2'],
          conditions: { ready: true, serving: true, terminating: false },
          targetRef: { kind: 'Pod', namespace: 'shop', name: 'web-1', uid: 'uid-1' },
          nodeName: 'node-1',
        },
      ],
      ports: [{ name: 'https', protocol: 'TCP', port: 8443 }],
    });
  });

  test('follows the labels of its Service, and cannot be given its own by them', () => {
    const slices = settled(service(), pods(1));
    const relabelled = service(
      { clusterIP: 'None' },
      { team: 'b', [MANAGED_BY_LABEL]: 'me', [SERVICE_NAME_LABEL]: 'x' },
    );
    const [slice] = settled(relabelled, pods(1), slices);
    assert.deepEqual(slice?.metadata.labels, {
      team: 'b',
      'service.kubernetes.io/headless': '',
      [SERVICE_NAME_LABEL]: 'web',
      [MANAGED_BY_LABEL]: MANAGER,
    });
  });

  const hostnames: readonly (readonly [string, Pod['spec'], string | undefined])[] = [
    ['a hostname of the Service', { hostname: 'a', subdomain: 'web' }, 'a'],
    ['a hostname of another Service', { hostname: 'a', subdomain: 'db' }, undefined],
    ['a subdomain alone', { subdomain: 'web' }, undefined],
  ];
  for (const [name, spec, hostname] of hostnames) {
    test(`names an endpoint after ${name}: ${hostname ?? 'no'}`, () => {
      const [slice] = settled(service(), [pod(1, { spec })]);
      assert.equal(slice?.endpoints?.[0]?.hostname, hostname);
    });
  }

  const NOT_READY = { conditions: [{ type: 'Ready', status: 'False' }] };
  const conditions: readonly {
    readonly name: string;
    readonly pod: PodFacts;
    readonly publish?: true;
    readonly says: string;
  }[] = [
    { name: 'ready', pod: pod(1), says: 'ready serving' },
    { name: 'not ready', pod: pod(1, { status: NOT_READY }), says: '' },
    { name: 'without a word of it', pod: pod(1, { status: { conditions: [] } }), says: '' },
    { name: 'going, and still serving', pod: pod(1, { deleted: true }), says: 'serving terminating' },
    { name: 'going', pod: pod(1, { deleted: true, status: NOT_READY }), says: 'terminating' },
    { name: 'not ready, which does not matter', pod: pod(1, { status: NOT_READY }), publish: true, says: 'ready' },
    {
      name: 'going, which does not matter',
      pod: pod(1, { deleted: true }),
      publish: true,
      says: 'ready serving terminating',
    },
  ];
  for (const { name, pod: seen, publish, says } of conditions) {
    test(`of a pod that is ${name}: ${says === '' ? 'nothing' : says}`, () => {
      const [slice] = settled(service({ publishNotReadyAddresses: publish === true }), [seen]);
      const said = Object.entries(slice?.endpoints?.[0]?.conditions ?? assert.fail());
      assert.equal(
        said
          .filter(([, is]) => is)
          .map(([what]) => what)
          .join(' '),
        says,
      );
      assert.equal(said.length, 3);
    });
  }

  const absent: readonly (readonly [string, PodFacts])[] = [
    ['without an address', pod(1, { status: { podIP: '', podIPs: [] } })],
    ['that has succeeded', pod(1, { status: { phase: 'Succeeded' } })],
    ['that has failed', pod(1, { status: { phase: 'Failed' } })],
    ['with an address of another family', pod(1, { status: { podIP: 'fd00::1', podIPs: [{ ip: 'fd00::1' }] } })],
  ];
  for (const [name, seen] of absent) {
    test(`nothing of a pod ${name}`, () => assert.deepEqual(countOf(settled(service(), [seen])), [0]));
  }

  test('of a pod on the network of its node as of any other', () => {
    assert.deepEqual(countOf(settled(service(), [pod(1, { spec: { hostNetwork: true } })])), [1]);
  });
});

suite('ports by name', () => {
  const containers = (port: number, protocol = 'TCP') => ({
    containers: [{ name: 'c', ports: [{ name: 'tls', containerPort: port, protocol }] }],
  });
  const named: Partial<ServicePort>[] = [{ name: 'https', protocol: 'TCP', port: 443, targetPort: 'tls' }];
  const byName = service({ ports: named as ServicePort[] });

  test('are those of each pod, which then are in slices of their own', () => {
    const mixed = [
      pod(1, { spec: containers(8443) }),
      pod(2, { spec: containers(9443) }),
      pod(3, { spec: containers(8443) }),
    ];
    const slices = settled(byName, mixed);
    const shown = slices.map(({ ports, endpoints }) => [ports?.[0]?.port, endpoints?.length]);
    assert.deepEqual(shown, [
      [8443, 2],
      [9443, 1],
    ]);
  });

  test('are missing where a pod has none of the name and protocol', () => {
    for (const spec of [{}, containers(8443, 'UDP')]) {
      const [slice] = settled(byName, [pod(1, { spec })]);
      assert.deepEqual([slice?.ports, slice?.endpoints?.length], [null, 1]);
    }
  });

  test('may be none where a Service is headless', () => {
    const [slice] = settled(service({ clusterIP: 'None', ports: [] }), [pod(1)]);
    assert.deepEqual([slice?.ports, slice?.endpoints?.length], [null, 1]);
  });
});

suite('many pods', () => {
  test(`are ${MAX_ENDPOINTS} in a slice`, () => {
    const slices = settled(service(), pods(250));
    assert.deepEqual(countOf(slices), [100, 100, 50]);
    assert.equal(new Set(uidsOf(slices)).size, 250);
  });

  test('stay where they are when others go, and new ones fill the gaps', () => {
    const slices = settled(service(), pods(250));
    const without = pods(250).filter((_pod, i) => i !== 20);
    const fewer = actionsOf(decideSlices({ service: service(), pods: without, slices }));
    assert.deepEqual(kinds(fewer), ['update']);
    const more = actionsOf(decideSlices({ service: service(), pods: [...without, pod(900)], slices }));
    assert.deepEqual(kinds(more), ['update'], 'the slice that changes anyway takes the new one');
    assert.deepEqual(countOf(after(slices, more)), [100, 100, 50]);
    assert.deepEqual(countOf(settled(service(), [...pods(250), pod(900)], slices)), [100, 100, 51]);
  });

  test('leave no empty slices behind', () => {
    const slices = settled(service(), pods(250));
    assert.deepEqual(countOf(settled(service(), pods(30, 120), slices)), [30]);
    assert.deepEqual(countOf(settled(service(), [], slices)), [0]);
  });

  test('are in one slice only, whatever there was', () => {
    const slices = settled(service(), pods(3));
    const [first] = slices;
    assert.ok(first !== undefined);
    const twin = { ...first, metadata: { ...first.metadata, name: 'web-twin' } };
    const actions = actionsOf(decideSlices({ service: service(), pods: pods(3), slices: [first, twin] }));
    assert.deepEqual(actions, [{ kind: 'delete', slice: twin }]);
  });

  test('move with a changed port without new slices', () => {
    const slices = settled(service(), pods(150));
    const moved = service({ ports: [{ name: 'https', protocol: 'TCP', port: 443, targetPort: 9443 }] });
    const actions = actionsOf(decideSlices({ service: moved, pods: pods(150), slices }));
    assert.deepEqual(kinds(actions), ['update', 'update']);
    assert.deepEqual(countOf(after(slices, actions)), [100, 50]);
  });

  test('make the same slices again by the same names, for whoever does not know that they are made', () => {
    const seen = { service: service(), pods: pods(250), slices: [] };
    const made = actionsOf(decideSlices(seen));
    assert.deepEqual(decideSlices(seen), { kind: 'act', actions: made });
    const [first] = made;
    assert.ok(first !== undefined);
    const rest = actionsOf(decideSlices({ ...seen, slices: [first.slice] }));
    assert.deepEqual(rest, made.slice(1));
  });

  test('come to the same end after a death between any two steps', () => {
    const slices = settled(service(), pods(250));
    const target = { service: service(), pods: [...pods(60, 60), ...pods(40, 300)] };
    const planned = actionsOf(decideSlices({ ...target, slices }));
    assert.ok(planned.length > 1);
    for (let done = 0; done <= planned.length; done++) {
      const left = settled(target.service, target.pods, after(slices, planned.slice(0, done)));
      assert.deepEqual(uidsOf(left), target.pods.map(({ uid }) => uid).sort());
    }
  });
});

test('a pod is selected by all labels of a selector, in its own namespace only', () => {
  const both = service({ selector: { app: 'web', tier: 'front' } });
  const labelled = (labels: Record<string, string>, namespace = 'shop') => ({ ...pod(1), labels, namespace });
  assert.equal(selects(both, labelled({ app: 'web', tier: 'front', more: 'x' })), true);
  assert.equal(selects(both, labelled({ app: 'web' })), false);
  assert.equal(selects(both, labelled({ app: 'web', tier: 'front' }, 'other')), false);
  assert.equal(selects(service({ selector: {} }), labelled({ app: 'web' })), false);
});
