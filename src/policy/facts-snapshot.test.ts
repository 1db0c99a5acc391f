import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CountersignError } from '../base/error.js';
import { factsFromSnapshot, recordingFacts, withAccessReviews, type AccessReview } from './facts-snapshot.js';
import { identify } from './identity.js';
import { parseFactsSnapshot } from './parse-facts-snapshot.js';
import { proveName } from './prove-name.js';
import { DEFAULT_SETTINGS } from './settings.js';
import { clusterFacts } from './testing/facts.js';
import { EVERY_KIND } from './testing/proof.js';
import { requestOf } from './testing/requests.js';
import { ACCOUNT, NODE, POD, POD_REQUESTER, SERVICE, SLICE } from './testing/world.js';

const QUESTION = { verb: 'create', group: 'certificates.k8s.io', resource: 'csrs', subresource: 'nodeclient' };
const ALLOWED: AccessReview = { question: QUESTION, answer: 'allowed' };
const EMPTY = {
  pods: [],
  services: [],
  endpointSlices: [],
  nodes: [],
  namespaces: [],
  serviceAccounts: [],
  keyHolders: [],
  accessReviews: [],
  lookups: [],
};

test('what was not found leaves no entry but that it was looked for', () => {
  const facts = recordingFacts(clusterFacts());
  facts.pod('shop', 'web-8');
  facts.podsByIp('10.0.0.1');
  facts.service('shop', 'db');
  facts.servicesByIp('10.0.0.1');
  facts.slicesByPod('uid-other');
  facts.node('node-b');
  facts.nodesByAddress('10.0.0.1');
  facts.namespace('bank');
  facts.serviceAccount('shop', 'db');
  facts.keyHolders('sha256:00');
  facts.accessReview(QUESTION);
  assert.deepEqual(facts.snapshot(), {
    ...EMPTY,
    lookups: [
      'holders of sha256:00',
      'namespace bank',
      'node node-b',
      'nodes with 10.0.0.1',
      'pod shop/web-8',
      'pods with 10.0.0.1',
      'service account shop/db',
      'service shop/db',
      'services with 10.0.0.1',
      'slices of uid-other',
    ],
  });
});

test('what was not looked for leaves no entry', () => {
  assert.deepEqual(recordingFacts(clusterFacts()).snapshot(), EMPTY);
});

test('keeps what was found, each once, and of slices only the pods that were asked about', () => {
  const store = clusterFacts({ slices: [{ ...SLICE, podUids: ['uid-pod-other', POD.uid] }] });
  store.setKeyHolder('sha256:01', { record: 'r1', requestName: 'web', identityKey: 'user:martha' });
  const facts = recordingFacts(withAccessReviews(store, [ALLOWED]));
  for (const round of [1, 2]) {
    assert.equal(facts.pod('shop', 'web-7f'), POD, String(round));
    assert.deepEqual(facts.podsByIp('10.0.34.2'), [POD]);
    assert.equal(facts.slicesByPod(POD.uid).length, 1);
    assert.deepEqual(facts.servicesByIp('172.20.0.9'), [SERVICE]);
    assert.equal(facts.node('node-a'), NODE);
    assert.equal(facts.serviceAccount('shop', 'web'), ACCOUNT);
    assert.equal(facts.namespace('shop')?.uid, 'uid-ns-shop');
    assert.equal(facts.keyHolders('sha256:01').length, 1);
    assert.equal(facts.accessReview(QUESTION), 'allowed');
  }
  assert.deepEqual(facts.snapshot(), {
    pods: [POD],
    services: [SERVICE],
    endpointSlices: [{ ...SLICE, podUids: [POD.uid], addresses: [] }],
    nodes: [NODE],
    namespaces: clusterFacts().namespace('shop') === undefined ? [] : [clusterFacts().namespace('shop')],
    serviceAccounts: [ACCOUNT],
    keyHolders: [{ publicKeyDigest: 'sha256:01', record: 'r1', requestName: 'web', identityKey: 'user:martha' }],
    accessReviews: [ALLOWED],
    lookups: [...facts.lookups].sort(),
  });
});

test('the order of lookups makes no difference', () => {
  const pods = ['c', 'a', 'b'].map((name) => ({ ...POD, name, uid: name }));
  const snapshots = [pods, [...pods].reverse()].map((order) => {
    const facts = recordingFacts(clusterFacts({ pods }));
    for (const { name } of order) facts.pod('shop', name);
    return JSON.stringify(facts.snapshot());
  });
  assert.equal(snapshots[0], snapshots[1]);
});

test('a snapshot through JSON decides as the facts did', () => {
  const names = ['10.0.34.2', '10.0.34.9', '172.20.0.9', '192.168.7.11'].map((text) => ({
    type: 'ip' as const,
    text,
    path: '',
  }));
  const dns = [
    'web.shop.svc',
    'db.shop.svc',
    'web-7f.shop.pod.cluster.local',
    '10-0-34-2.shop.pod.cluster.local',
    'web',
  ];
  const all = [...names, ...dns.map((text) => ({ type: 'dns' as const, text, path: '' }))];
  const recording = recordingFacts(clusterFacts());
  const verdicts = [recording, undefined].map((live) => {
    const facts = live ?? factsFromSnapshot(parseFactsSnapshot(JSON.parse(JSON.stringify(recording.snapshot()))));
    const identity = identify(POD_REQUESTER, facts);
    const context = { request: requestOf(), identity, facts, settings: DEFAULT_SETTINGS };
    return all.map((name) => proveName(name, EVERY_KIND, context));
  });
  assert.deepEqual(verdicts[1], verdicts[0]);
  assert.ok(verdicts[0]?.some((verdict) => verdict?.kind === 'proven'));
});

test('facts of a snapshot are fresh, and know keys and reviews', () => {
  const holder = { record: 'r1', requestName: 'web', identityKey: 'user:martha' };
  const facts = factsFromSnapshot({
    ...EMPTY,
    keyHolders: [{ publicKeyDigest: 'sha256:01', ...holder }],
    accessReviews: [{ question: QUESTION, answer: 'denied' }],
  });
  assert.deepEqual(facts.standing, { kind: 'fresh' });
  assert.deepEqual(facts.keyHolders('sha256:01'), [holder]);
  assert.equal(facts.accessReview(QUESTION), 'denied');
  assert.equal(facts.accessReview({ ...QUESTION, subresource: 'selfnodeclient' }), undefined);
});

const MALFORMED: readonly (readonly [name: string, value: unknown, where: RegExp])[] = [
  ['nothing', undefined, /facts: it is missing/],
  ['a note that facts were too many', { leftOut: 'x' }, /facts\.pods: it is missing/],
  ['a pod without uid', { ...EMPTY, pods: [{ ...POD, uid: undefined }] }, /facts\.pods\[0\]\.uid: it is missing/],
  [
    'an answer that is none',
    { ...EMPTY, accessReviews: [{ question: QUESTION, answer: 'yes' }] },
    /one of allowed, denied/,
  ],
  ['a field that facts do not have', { ...EMPTY, pods: [{ ...POD, ready: true }] }, /unknown field "ready"/],
];
for (const [name, value, where] of MALFORMED) {
  test(`refuses ${name} for a snapshot`, () => {
    assert.throws(
      () => parseFactsSnapshot(value),
      (error) => error instanceof CountersignError && error.code === 'OBJECT_MALFORMED' && where.test(error.message),
    );
  });
}
