import { createSoftwareCustody } from '../../src/authority/key-custody.js';
import { signRecord } from '../../src/authority/record-signature.js';
import { testKey } from '../../src/authority/testing/test-certificates.js';
import { secondsOf } from '../../src/base/clock.js';
import { recordName, type UnsignedRecordSpec } from '../../src/certificates/canonical-record.js';
import type { CertificateRecord } from '../../src/certificates/certificate-record.js';
import type { CertificateSigningRequest } from '../../src/certificates/certificate-signing-request.js';
import { normaliseRequest } from '../../src/certificates/normalised-request.js';
import { CERTIFICATE_RECORDS } from '../../src/client/resources.js';
import type { FactChange } from '../../src/controllers/facts/fact-change.js';
import type { FactCaches } from '../../src/controllers/facts/fact-caches.js';
import { createRecordVerifier } from '../../src/authority/record-verifier.js';
import type { RecordTrust } from '../../src/controllers/signer/record-gate.js';
import { sha256 } from '../../src/crypto/digest.js';
import { createRequestVerifier } from '../../src/crypto/request-verifier.js';
import { createFactStore, type FactStore } from '../../src/policy/fact-store.js';
import { buildRecordSpec, requestedNames } from '../../src/policy/record.js';
import { DEFAULT_SETTINGS } from '../../src/policy/settings.js';
import type { Evidence } from '../../src/policy/verdict.js';
import { condition, post, read, type ControlBench, type Wanted } from './control-bench.js';

/** Facts that a test writes by hand. */
export interface HandFacts extends FactCaches {
  readonly store: FactStore;
  /** The version up to which every cache of facts has followed; that of records is always ahead. */
  version: string | undefined;
  /** Tells of a change of a node. */
  changed(change: FactChange): void;
}

export function handFacts(): HandFacts {
  const store = createFactStore();
  const listeners = new Set<(change: FactChange) => void>();
  const facts: HandFacts = {
    store,
    version: '1000',
    watches: [],
    facts: () => store,
    versionOf: (kind) =>
      kind === 'ApprovalPolicy' ? undefined : { version: kind === 'CertificateRecord' ? '1000000' : facts.version },
    onFactChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    changed: (change) => {
      for (const listener of listeners) listener(change);
    },
  };
  return facts;
}

/** Trust in the approver of the tests. */
export async function trustIn(facts: FactCaches, keyName = 'approver'): Promise<RecordTrust> {
  return { records: createRecordVerifier([(await testKey(keyName)).publicKey]), facts, settings: DEFAULT_SETTINGS };
}

/** What a test wants of a record. */
export interface WantedRecord {
  readonly keyName?: string;
  readonly evidence?: readonly Evidence[];
  readonly change?: (spec: UnsignedRecordSpec) => UnsignedRecordSpec;
}

/** The record of a request on the server, as a policy with an explicit pattern would have it. Nothing is written. */
export async function recordOf(
  bench: ControlBench,
  name: string,
  wanted: WantedRecord = {},
): Promise<CertificateRecord> {
  const csr: CertificateSigningRequest = await read(bench.server, name);
  const verified = await createRequestVerifier().verify(csr.spec.request);
  if (verified.kind !== 'valid') throw new RangeError(verified.detail);
  const request = normaliseRequest(csr, verified.request, sha256);
  const { keyName = 'approver', evidence = [], change } = wanted;
  const unsigned = buildRecordSpec({
    request,
    identity: { kind: 'user', requester: request.requester },
    decision: {
      kind: 'approve',
      policy: { name: 'zone', uid: 'uid-policy', generation: 1 },
      names: requestedNames(request).map((each) => ({ ...each, grantedBy: 'dns', because: 'listed', evidence })),
      message: 'approved by policy zone',
      reviews: [],
    },
    now: secondsOf(bench.clock),
  });
  const spec = await signRecord(change?.(unsigned) ?? unsigned, createSoftwareCustody(await testKey(keyName)));
  return { metadata: { name: recordName(request.uid) }, spec };
}

/** Posts a request, writes its record and approves it, as the approver does. */
export async function postByPolicy(
  bench: ControlBench,
  name: string,
  wanted: Wanted & { readonly record?: WantedRecord | false } = {},
): Promise<void> {
  await post(bench.server, name, { dns: `${name}.example.org`, ...wanted });
  if (wanted.record !== false) {
    await bench.client().create(CERTIFICATE_RECORDS, await recordOf(bench, name, wanted.record));
  }
  await condition(bench.server, name, 'Approved', { reason: 'ApprovedByPolicy' });
}

/** The record of a request. */
export async function readRecord(bench: ControlBench, name: string): Promise<CertificateRecord> {
  const { metadata } = await read(bench.server, name);
  return bench.client().get(CERTIFICATE_RECORDS, recordName(metadata.uid ?? ''));
}
