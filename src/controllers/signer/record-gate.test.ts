import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { createSoftwareCustody } from '../../authority/key-custody.js';
import { createRecordVerifier } from '../../authority/record-verifier.js';
import { signRecord } from '../../authority/record-signature.js';
import { testKey } from '../../authority/testing/test-certificates.js';
import { toBase64 } from '../../base/base64.js';
import { utf8 } from '../../base/bytes.js';
import { recordName } from '../../certificates/canonical-record.js';
import type { CertificateSigningRequest } from '../../certificates/certificate-signing-request.js';
import { normaliseRequest } from '../../certificates/normalised-request.js';
import { createClient } from '../../client/client.js';
import { createMemoryApi } from '../../client/testing/memory-api.js';
import { sha256 } from '../../crypto/digest.js';
import type { Transport } from '../../kube/exchange.js';
import type { FactStore } from '../../policy/fact-store.js';
import { identify } from '../../policy/identity.js';
import { buildRecordSpec } from '../../policy/record.js';
import { DEFAULT_SETTINGS } from '../../policy/settings.js';
import { decisionOf, NOW } from '../../policy/testing/decisions.js';
import { compiledPolicyOf } from '../../policy/testing/policies.js';
import { requestOf } from '../../policy/testing/requests.js';
import { POD, POD_REQUESTER, shopFacts } from '../../policy/testing/world.js';
import { encodePem } from '../../x509/pem.js';
import type { FactCaches } from '../facts/fact-caches.js';
import type { FactChange } from '../facts/fact-change.js';
import { RecordGate } from './record-gate.js';

/** A request of the pod for a name that a policy lists, approved on record; nothing but the policy is evidence. */
const WISH = { dns: ['web.example.com'] };
const POLICY = compiledPolicyOf({ names: { dns: ['*.example.com'] } });

interface Bench {
  readonly gate: RecordGate;
  readonly csr: CertificateSigningRequest;
  readonly store: FactStore;
  readonly woken: string[];
  readonly change: (change: FactChange) => void;
}

async function bench(
  beforeGet: (target: string, change: (change: FactChange) => void) => void,
  decided = decisionOf({ wish: WISH, policies: [POLICY] }),
): Promise<Bench> {
  const { request } = requestOf(WISH);
  const spec = {
    request: toBase64(utf8(encodePem('CERTIFICATE REQUEST', request.der))),
    signerName: 'countersign.dev/serving',
    usages: ['digital signature', 'key encipherment', 'server auth'],
    ...POD_REQUESTER,
  };
  const csr: CertificateSigningRequest = { metadata: { name: 'web', uid: 'uid-csr-web' }, spec, status: {} };
  const normalised = normaliseRequest(csr, request, sha256);
  assert.ok(decided.kind === 'approve');
  const identity = identify(POD_REQUESTER, shopFacts());
  const unsigned = buildRecordSpec({ request: normalised, identity, decision: decided, now: NOW });
  const key = await testKey('approver');
  const api = createMemoryApi();
  const metadata = { name: recordName('uid-csr-web'), uid: 'uid-record' };
  const record = { metadata, spec: await signRecord(unsigned, createSoftwareCustody(key)) };
  api.put(`/apis/countersign.dev/v1alpha1/certificaterecords/${metadata.name}`, record);
  const { name, namespace, uid } = POD;
  api.put(`/api/v1/namespaces/${namespace}/pods/${name}`, { metadata: { name, namespace, uid } });
  const store = shopFacts();
  const listeners = new Set<(change: FactChange) => void>();
  const change = (told: FactChange): void => {
    for (const listener of listeners) listener(told);
  };
  const transport: Transport = (asked) => {
    beforeGet(asked.target, change);
    return api.transport(asked);
  };
  const facts: FactCaches = {
    watches: [],
    facts: () => store,
    versionOf: () => ({ version: '1000' }),
    onFactChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  const gate = new RecordGate({
    client: createClient(transport, { userAgent: 'test' }),
    verifier: { verify: () => Promise.resolve({ kind: 'valid', request }) },
    trust: { records: createRecordVerifier([key.publicKey]), facts, settings: DEFAULT_SETTINGS },
  });
  const woken: string[] = [];
  gate.onFactChange((woke) => woken.push(woke));
  return { gate, csr, store, woken, change };
}

const NEVER = new AbortController().signal;

suite('record gate', () => {
  test('misses no change of a fact while it reads the pod', async () => {
    const b = await bench((target, change) => {
      if (!target.includes('/pods/')) return;
      b.store.set('Pod', POD);
      change({ kind: 'Pod', key: 'shop/web-7f', current: POD });
    });
    b.store.remove('Pod', 'shop', 'web-7f');
    const approval = await b.gate.observe(b.csr, NEVER);
    assert.ok(approval.kind === 'recorded');
    assert.ok(
      approval.recheck.kind === 'holds' || b.woken.includes('web'),
      `it says ${approval.recheck.kind} of a pod that is there, and nobody will look again`,
    );
  });
});
