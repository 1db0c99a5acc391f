import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { verifyRecord } from '../../src/authority/record-signature.js';
import { cn, testKey } from '../../src/authority/testing/test-certificates.js';
import type { SubjectAccessReview } from '../../src/client/access-reviews.js';
import type { ApiRequest, Transport } from '../../src/kube/exchange.js';
import { failure, StatusError } from '../../src/kube/status.js';
import { policyOf } from '../../src/policy/testing/policies.js';
import { NODE_REQUESTER, POD_REQUESTER, USER_REQUESTER } from '../../src/policy/testing/world.js';
import { ATTRIBUTE } from '../../src/x509/name.js';
import { approverBench, type ApproverBench, type Wanted } from './approver-bench.js';
import { rest, until } from './control-bench.js';
import { podObject, SERVICE, SHOP_OBJECTS, SLICE } from './shop-objects.js';

const IP = new Uint8Array([10, 0, 34, 2]);

/** Calls `before` ahead of each request that writes an approval. */
function beforeApproval(before: (request: ApiRequest) => void): (transport: Transport) => Transport {
  return (transport) => (request) => {
    if (request.method === 'PUT' && request.target.endsWith('/approval')) before(request);
    return transport(request);
  };
}

/** A pod of the shop that uses another service account's token for nothing: a second pod, as itself. */
const IMPOSTOR = {
  ...POD_REQUESTER,
  extra: {
    ...POD_REQUESTER.extra,
    'authentication.kubernetes.io/pod-name': ['other'],
    'authentication.kubernetes.io/pod-uid': ['uid-pod-other'],
  },
};
const IMPOSTOR_POD = podObject('10.0.34.9', 'other');

/** The client certificate of a kubelet, as the authorizer allows it. */
const KUBELET_POLICY = policyOf({
  signerNames: ['kubernetes.io/kube-apiserver-client-kubelet'],
  requesters: { nodes: true },
  minimumIdentity: 'Node',
  names: { provable: ['KubeletClient'] },
  usages: { required: ['client auth'], allowed: ['digital signature', 'key encipherment', 'client auth'] },
});
const KUBELET_REQUEST: Wanted = {
  requester: NODE_REQUESTER,
  signerName: 'kubernetes.io/kube-apiserver-client-kubelet',
  dns: [],
  subject: [[{ oid: ATTRIBUTE.organization, value: 'system:nodes' }], ...cn('system:node:node-a')],
  usages: ['digital signature', 'client auth'],
};

const writes = ({ api }: ApproverBench): readonly string[] =>
  api.log
    .filter((line) => /^(POST|PUT|PATCH|DELETE) /.test(line))
    .map((line) => line.replace(/\/apis\/[^ ]*\/v1[^/]*\//, ''));

suite('approver', () => {
  test('approves what a policy grants: on record first, then by one write, without a read', async () => {
    const b = approverBench();
    const stop = await b.start();
    await b.ask('web', { ips: [IP] });
    await until('it is decided', () => b.state('web') !== 'Pending');
    await rest();
    await stop();
    const message =
      'approved by policy workload-serving: 1 DNS name and 1 IP belong to pod shop/web-7f, serving Service shop/web';
    assert.deepEqual(b.csr('web').status.conditions, [
      {
        type: 'Approved',
        status: 'True',
        reason: 'ApprovedByPolicy',
        message,
        lastUpdateTime: '2023-11-14T22:13:20Z',
      },
    ]);
    assert.deepEqual(
      writes(b).filter((line) => !line.includes('approvalpolicies')),
      ['POST certificaterecords', 'PUT certificatesigningrequests/web/approval'],
    );
    const named = b.api.log.filter((line) => line.startsWith('GET') && !line.includes('?'));
    assert.deepEqual(named, []);
    const [record] = b.records();
    const verdict = verifyRecord(record, [(await testKey('approver')).publicKey]);
    assert.ok(verdict.kind === 'valid');
    assert.equal(verdict.record.metadata.name, 'uid-csr-web');
    assert.equal(verdict.record.spec.decision.verdict, 'Approved');
    assert.equal(verdict.record.spec.names[1]?.evidence?.[0]?.uid, 'uid-pod-web-7f');
    const line = b.lines.find(({ message: said }) => said === 'Approved CertificateSigningRequest');
    assert.deepEqual(line?.fields, {
      name: 'web',
      uid: 'uid-csr-web',
      signerName: 'countersign.dev/serving',
      username: 'system:serviceaccount:shop:web',
      identity: 'pod shop/web-7f',
      policy: 'workload-serving',
      generation: 1,
      names: ['DNS:web.shop.svc.cluster.local', 'IP:10.0.34.2', 'CN:web.shop.svc.cluster.local'],
      message,
    });
  });

  test('leaves alone what somebody decided, and what no policy is about', async () => {
    const b = approverBench();
    for (const name of ['denied', 'failed', 'other']) {
      await b.ask(name, name === 'other' ? { signerName: 'example.com/other' } : {});
    }
    const decided = (type: string) => ({ conditions: [{ type, status: 'True' }] });
    b.put({ path: pathOf('denied'), object: { ...b.csr('denied'), status: decided('Denied') } as never });
    b.put({ path: pathOf('failed'), object: { ...b.csr('failed'), status: decided('Failed') } as never });
    const stop = await b.start();
    await rest();
    await stop();
    assert.deepEqual(b.records(), []);
    assert.deepEqual(b.told, []);
    assert.deepEqual(b.looked, ['other']);
  });

  test('denies for ever only where a policy says so, and puts it on record', async () => {
    const b = approverBench(SHOP_OBJECTS, policyOf({ onViolation: 'Deny' }));
    await b.ask('web', { usages: ['client auth'] });
    const stop = await b.start();
    await until('it is decided', () => b.state('web') !== 'Pending');
    await stop();
    assert.match(b.state('web'), /^Denied: .*workload-serving.*server auth/);
    assert.equal(b.csr('web').status.conditions?.[0]?.reason, 'DeniedByPolicy');
    assert.equal(b.records()[0]?.spec.decision.verdict, 'Denied');
  });

  test('says once what a request waits for, and approves when that has come', async () => {
    const b = approverBench(SHOP_OBJECTS.filter((object) => object !== SERVICE && object !== SLICE));
    b.put(podObject(''));
    await b.ask('web', { ips: [IP] });
    const stop = await b.start();
    await until('it is told', () => b.told.length === 1);
    assert.match(b.told[0] ?? '', /^web ApprovalDeferred: .*there is no Service shop\/web yet/);
    b.put({
      path: '/api/v1/namespaces/shop/pods/unrelated',
      object: { metadata: { namespace: 'shop', name: 'unrelated' } },
    });
    await rest();
    assert.deepEqual(b.looked, ['web'], 'what it does not depend on does not wake it');
    b.put(podObject());
    await until('it is told', () => b.told.length === 2);
    b.put(SERVICE);
    await rest();
    assert.equal(b.state('web'), 'Pending');
    b.put(SLICE);
    await until('it is approved', () => b.state('web').startsWith('Approved'));
    assert.equal(b.clock.now(), 1_700_000_000_000, 'without any time passing');
    await stop();
  });

  test('does not approve names of somebody else, and waits for a person', async () => {
    const b = approverBench([...SHOP_OBJECTS, IMPOSTOR_POD]);
    await b.ask('stolen', { requester: IMPOSTOR, ips: [IP] });
    const stop = await b.start();
    await until('it is told', () => b.told.length === 1);
    await rest();
    assert.equal(b.state('stolen'), 'Pending');
    assert.match(b.told[0] ?? '', /web-7f/);
    await stop();
    assert.deepEqual(b.records(), []);
  });

  test('one key is not approved for two requesters, however close together they ask', async () => {
    const policy = policyOf({
      requesters: { serviceAccounts: [{ namespaces: ['shop'] }], users: ['martha'] },
      minimumIdentity: 'User',
      names: { provable: ['ServiceDNS'], dns: ['**.example.com'] },
    });
    const b = approverBench(SHOP_OBJECTS, policy);
    await b.ask('first', { key: 'shared' });
    await b.ask('second', { key: 'shared', requester: USER_REQUESTER, dns: ['a.example.com'] });
    const stop = await b.start();
    await until('one is approved', () => b.state('first') !== 'Pending' || b.state('second') !== 'Pending');
    await rest();
    b.clock.advance(1000);
    await until('the other is told', () => b.told.length === 1);
    assert.equal(b.records().length, 1);
    assert.match(b.told[0] ?? '', /ApprovalDeferred: .*key is on record for somebody else/);
    await stop();
  });

  test('does not touch what a person decides while it is about to', async () => {
    const b = approverBench();
    await b.ask('web');
    let first = true;
    const stop = await b.start(
      beforeApproval(() => {
        if (first)
          b.put({ path: pathOf('web'), object: { ...b.csr('web'), status: { conditions: [BY_HAND] } } as never });
        first = false;
      }),
    );
    await until('it is decided', () => b.state('web') !== 'Pending');
    await rest();
    b.clock.advance(600_000);
    await rest();
    await stop();
    assert.deepEqual(b.csr('web').status.conditions, [BY_HAND]);
    assert.equal(writes(b).filter((line) => line.startsWith('PUT certificatesigningrequests')).length, 1);
  });

  test('judges anew what changed while it was about to write', async () => {
    const b = approverBench();
    await b.ask('web');
    let first = true;
    const stop = await b.start(
      beforeApproval(() => {
        const csr = b.csr('web');
        if (first)
          b.put({ path: pathOf('web'), object: { ...csr, metadata: { ...csr.metadata, labels: { a: 'b' } } } });
        first = false;
      }),
    );
    await until('it is approved', () => {
      b.clock.advance(10);
      return b.state('web').startsWith('Approved');
    });
    await stop();
    assert.deepEqual(b.csr('web').metadata.labels, { a: 'b' });
    assert.equal(b.records().length, 1);
  });

  test('decides nothing on caches that have been silent for too long', async () => {
    const b = approverBench();
    const stop = await b.start();
    b.clock.advance(151_000);
    await b.ask('web');
    await rest();
    assert.equal(b.state('web'), 'Pending');
    assert.deepEqual([b.records(), b.told], [[], []]);
    b.api.bookmark();
    b.clock.advance(5000);
    await until('it is approved', () => b.state('web').startsWith('Approved'));
    await stop();
  });

  test('a flood of one requester does not hold up another', async () => {
    const policy = policyOf({
      requesters: { serviceAccounts: [{ namespaces: ['shop'] }], users: ['martha'] },
      minimumIdentity: 'User',
    });
    const b = approverBench(SHOP_OBJECTS, policy);
    for (let i = 0; i < 100; i++) await b.ask(`flood-${i}`, { requester: USER_REQUESTER, key: 'flood' });
    await b.ask('web');
    const stop = await b.start();
    await until('it is approved', () => b.state('web').startsWith('Approved'));
    await stop();
    assert.ok(b.looked.indexOf('web') <= 1, `it was number ${b.looked.indexOf('web')}`);
  });

  test('leaves what it cannot read to people', async () => {
    const b = approverBench();
    await b.ask('odd', { request: 'AAAA' });
    const stop = await b.start();
    await until('it is told', () => b.told.length > 0);
    await stop();
    assert.match(b.told[0] ?? '', /^odd ApprovalDeferred: the request cannot be read: /);
  });

  test('says what it may not do, and goes on when it may', async () => {
    const b = approverBench();
    await b.ask('web');
    let allowed = false;
    const stop = await b.start(
      beforeApproval(() => {
        if (!allowed) throw new StatusError(failure(403, 'Forbidden', 'you may not approve'));
      }),
    );
    await until('it is told', () => b.told.length > 0);
    assert.equal(b.told[0], 'web ApprovalForbidden: you may not approve');
    allowed = true;
    await rest();
    b.clock.advance(1000);
    await until('it is approved', () => b.state('web').startsWith('Approved'));
    await stop();
  });

  test('asks the authorizer as the requester, and again some time where it said no', async () => {
    const b = approverBench(SHOP_OBJECTS, KUBELET_POLICY);
    let allowed = false;
    const reviews: SubjectAccessReview[] = [];
    const asked = (): readonly string[] =>
      reviews.map(({ spec }) => `${spec.user ?? ''} ${spec.resourceAttributes?.subresource ?? ''}`);
    const stop = await b.start((transport) => (request) => {
      if (!request.target.endsWith('/subjectaccessreviews')) return transport(request);
      const review = request.body.kind === 'object' ? request.body.value : {};
      reviews.push(review as SubjectAccessReview); // what the client sends there
      return Promise.resolve({
        status: 201,
        headers: {},
        body: { kind: 'object', value: { ...review, status: { allowed } } },
      });
    });
    await b.ask('node', KUBELET_REQUEST);
    await until('it is told', () => b.told.length > 0);
    assert.deepEqual(asked(), ['system:node:node-a selfnodeclient', 'system:node:node-a nodeclient']);
    allowed = true;
    b.clock.advance(60_000);
    await until('it is approved', () => b.state('node').startsWith('Approved'));
    await stop();
  });

  for (const answers of [true, false]) {
    const name = `a policy in shadow mode ${answers ? 'asks the authorizer, too' : 'holds nothing up where the authorizer does not answer'}`;
    test(name, async () => {
      const shadow = policyOf({ ...KUBELET_POLICY.spec, mode: 'Shadow' });
      const b = approverBench(SHOP_OBJECTS, { ...shadow, metadata: { ...shadow.metadata, name: 'shadow' } });
      const stop = await b.start((transport) => (request) => {
        if (!request.target.endsWith('/subjectaccessreviews')) return transport(request);
        if (!answers) throw new Error('nobody answers');
        const value = { ...(request.body.kind === 'object' ? request.body.value : {}), status: { allowed: true } };
        return Promise.resolve({ status: 201, headers: {}, body: { kind: 'object', value } });
      });
      await b.ask('node', KUBELET_REQUEST);
      await until('it is told', () => b.told.some((line) => line.startsWith('node ApprovalDeferred')));
      const shadows = b.told.filter((line) => line.startsWith('node ShadowApproved: policy shadow is in shadow mode'));
      assert.equal(shadows.length, answers ? 1 : 0);
      const warned = b.lines.filter(({ message }) => message.startsWith('Could not ask authorizer'));
      assert.equal(warned.length, answers ? 0 : 1);
      assert.equal(b.state('node'), 'Pending');
      await stop();
    });
  }

  test('keeps nothing of a request that goes while the authorizer is asked about it', async () => {
    const b = approverBench(SHOP_OBJECTS, KUBELET_POLICY);
    let asked = 0;
    const stop = await b.start((transport) => async (request) => {
      if (!request.target.endsWith('/subjectaccessreviews')) return transport(request);
      asked++;
      b.api.remove('/apis/certificates.k8s.io/v1/certificatesigningrequests/node');
      await rest();
      const value = { ...(request.body.kind === 'object' ? request.body.value : {}), status: { allowed: false } };
      return { status: 201, headers: {}, body: { kind: 'object', value } };
    });
    await b.ask('node', KUBELET_REQUEST);
    await until('it is asked', () => asked > 0);
    await rest();
    assert.deepEqual(b.told, []);
    b.looked.length = 0;
    b.put({ path: '/api/v1/nodes/node-a', object: { metadata: { name: 'node-a', uid: 'uid-other' } } });
    await rest();
    await stop();
    assert.deepEqual(b.looked, []);
  });
});

suite('approver and policies', () => {
  test('judges what waits when a policy comes, changes or goes, and says in its status whether it goes by it', async () => {
    const b = approverBench(SHOP_OBJECTS, policyOf({ mode: 'Shadow' }));
    const stop = await b.start();
    await b.ask('web');
    await until('it is told', () => b.told.length === 2);
    assert.match(b.told[0] ?? '', /^web ShadowApproved: policy workload-serving/);
    assert.match(b.told[1] ?? '', /^web ApprovalDeferred: /);
    assert.equal(b.state('web'), 'Pending');
    const broken = policyOf({ rules: [{ name: 'r', expression: 'nonsense' }] });
    b.policy({ ...broken, metadata: { ...broken.metadata, generation: 2 } });
    await until('its status says so', () => b.policyStatus('workload-serving')?.conditions?.[0]?.status === 'False');
    assert.deepEqual(b.policyStatus('workload-serving')?.conditions, [
      {
        type: 'Ready',
        status: 'False',
        observedGeneration: 2,
        lastTransitionTime: '2023-11-14T22:13:20Z',
        reason: 'Invalid',
        message:
          'spec.rules[0].expression: Invalid value: "nonsense": at offset 2: it is unknown; spec.rules[0].expression: Invalid value: "nonsense": it is too short',
      },
    ]);
    assert.equal(b.state('web'), 'Pending');
    const good = policyOf();
    b.policy({ ...good, metadata: { ...good.metadata, generation: 3 } });
    await until('it is approved', () => b.state('web').startsWith('Approved'));
    await until('its status says so', () => b.policyStatus('workload-serving')?.conditions?.[0]?.status === 'True');
    assert.equal(b.policyStatus('workload-serving')?.conditions?.[0]?.observedGeneration, 3);
    b.api.remove('/apis/countersign.dev/v1alpha1/approvalpolicies/workload-serving');
    await b.ask('late');
    await rest();
    assert.equal(b.state('late'), 'Pending');
    await stop();
  });

  test('a policy that is on its way out approves nothing', async () => {
    const policy = policyOf();
    const metadata = { ...policy.metadata, deletionTimestamp: '2023-11-14T22:13:20Z', finalizers: ['a/b'] };
    const b = approverBench(SHOP_OBJECTS, { ...policy, metadata });
    await b.ask('web');
    const stop = await b.start();
    await rest();
    await stop();
    assert.equal(b.state('web'), 'Pending');
  });
});

suite('approver, cut off at any call', () => {
  /** What is to be done: one to approve, one to deny. */
  const bench = async (): Promise<ApproverBench> => {
    const b = approverBench(SHOP_OBJECTS, policyOf({ onViolation: 'Deny' }));
    await b.ask('good');
    await b.ask('bad', { usages: ['client auth'] });
    return b;
  };
  const done = (b: ApproverBench): boolean =>
    b.state('good').startsWith('Approved') && b.state('bad').startsWith('Denied');
  const stands = (b: ApproverBench): void => {
    assert.deepEqual(
      b
        .records()
        .map(({ spec }) => `${spec.request.name} ${spec.decision.verdict}`)
        .sort(),
      ['bad Denied', 'good Approved'],
    );
    for (const name of ['good', 'bad']) assert.equal(b.csr(name).status.conditions?.length, 1);
    for (const { spec } of b.records()) {
      assert.equal(spec.decision.message, b.csr(spec.request.name).status.conditions?.[0]?.message);
    }
  };
  /** What happens to the writes of an approver, counted from 1. */
  const cutting =
    (fateOf: (write: number) => 'pass' | 'lose-request' | 'lose-answer', count: { writes: number }) =>
    (transport: Transport): Transport =>
    async (request) => {
      const fate = request.method === 'GET' ? 'pass' : fateOf(++count.writes);
      if (fate === 'lose-request') throw new Error('the connection broke before the request was sent');
      const response = await transport(request);
      if (fate === 'lose-answer') throw new Error('the connection broke before the answer came');
      return response;
    };

  for (const fate of ['lose-request', 'lose-answer'] as const) {
    for (let cut = 1; cut <= 5; cut++) {
      test(`a fresh one ends what one began that died at write ${cut} (${fate})`, async () => {
        const b = await bench();
        const count = { writes: 0 };
        const stopFirst = await b.start(
          cutting((write) => (write < cut ? 'pass' : write === cut ? fate : 'lose-request'), count),
        );
        await rest();
        assert.ok(count.writes >= cut, 'the cut was reached');
        await stopFirst();
        b.clock.advance(3_600_000);
        const stop = await b.start();
        await until('the work is done', () => done(b));
        await rest();
        await stop();
        stands(b);
      });

      test(`goes on by itself after write ${cut} broke (${fate})`, async () => {
        const b = await bench();
        const count = { writes: 0 };
        const stop = await b.start(cutting((write) => (write === cut ? fate : 'pass'), count));
        await until('the work is done', () => {
          b.clock.advance(10);
          return done(b);
        });
        await rest();
        await stop();
        stands(b);
      });
    }
  }
});

const BY_HAND = { type: 'Approved', status: 'True', reason: 'ByHand', message: 'I know them' };

function pathOf(name: string): string {
  return `/apis/certificates.k8s.io/v1/certificatesigningrequests/${name}`;
}
