import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { CertificateRecord, RecordedRequester } from '../certificates/certificate-record.js';
import type { Requester } from '../certificates/normalised-request.js';
import { identityKey, type Identity } from './identity.js';
import { recordedKeyOf } from './recorded-key.js';

const OBJECT = { uid: 'u', resourceVersion: '1' };
const requesterOf = (username: string): Requester => ({ username, uid: 'u', groups: [], extra: {} });
const ACCOUNT = { ...OBJECT, namespace: 'shop', name: 'web', deleting: false };
const POD = {
  ...OBJECT,
  namespace: 'shop',
  name: 'web-1',
  labels: {},
  serviceAccountName: 'web',
  nodeName: 'n1',
  hostNetwork: false,
  hostname: '',
  subdomain: '',
  phase: 'Running',
  deleting: false,
  ips: [],
  hostIPs: [],
};

function record(verdict: 'Approved' | 'Denied', requester: RecordedRequester): CertificateRecord {
  return {
    metadata: { name: 'r1' },
    spec: {
      request: {
        name: 'csr-1',
        uid: 'r1',
        signerName: 'example.com/serving',
        request: '',
        requestDigest: 'sha256:11',
        publicKeyDigest: 'sha256:00',
        usages: [],
      },
      requester,
      decision: { verdict, by: 'Policy', reason: '', message: '', decidedAt: '2023-11-14T22:13:20Z' },
      names: [],
      signature: { keyID: '', value: '' },
    },
  };
}

suite('recorded keys', () => {
  test('a denied request gave its key to nobody', () => {
    assert.equal(recordedKeyOf(record('Denied', { username: 'jane', identity: { kind: 'User' } })), undefined);
  });

  const cases: readonly { readonly identity: Identity; readonly recorded: RecordedRequester['identity'] }[] = [
    {
      identity: { kind: 'pod', requester: requesterOf('system:serviceaccount:shop:web'), pod: POD, account: ACCOUNT },
      recorded: { kind: 'Pod', namespace: 'shop', serviceAccountName: 'web', podName: 'web-1', podUID: 'u' },
    },
    {
      identity: {
        kind: 'serviceAccount',
        requester: requesterOf('system:serviceaccount:shop:web'),
        namespace: 'shop',
        name: 'web',
        because: '',
        mayGrow: false,
      },
      recorded: { kind: 'ServiceAccount', namespace: 'shop', serviceAccountName: 'web' },
    },
    {
      identity: { kind: 'node', requester: requesterOf('system:node:n1'), nodeName: 'n1' },
      recorded: { kind: 'Node', nodeName: 'n1' },
    },
    { identity: { kind: 'user', requester: requesterOf('jane') }, recorded: { kind: 'User' } },
  ];
  for (const { identity, recorded } of cases) {
    test(`a ${identity.kind} is the same holder on record and live`, () => {
      const { username } = identity.requester;
      assert.deepEqual(recordedKeyOf(record('Approved', { username, identity: recorded })), {
        publicKeyDigest: 'sha256:00',
        holder: { record: 'r1', requestName: 'csr-1', identityKey: identityKey(identity) },
      });
    });
  }
});
