import { hasHttpCode } from '../../client/api-failure.js';
import type { Client } from '../../client/client.js';
import type { Pod, ServiceAccount } from '../../client/core-objects.js';
import { CERTIFICATE_RECORDS, PODS, SERVICE_ACCOUNTS } from '../../client/resources.js';
import type { RecordVerifier } from '../../authority/record-verifier.js';
import type { SigningIntent } from '../../authority/certificate-authority.js';
import { recordName } from '../../certificates/canonical-record.js';
import type { CertificateRecord } from '../../certificates/certificate-record.js';
import type { CertificateSigningRequest } from '../../certificates/certificate-signing-request.js';
import { normaliseRequest, type NormalisedRequest } from '../../certificates/normalised-request.js';
import { sha256 } from '../../crypto/digest.js';
import type { Facts } from '../../policy/facts.js';
import { withAccessReviews } from '../../policy/facts-snapshot.js';
import { recheckRecord, type RecheckInput } from '../../policy/recheck-record.js';
import { recordMisfit } from '../../policy/record-fit.js';
import type { ApprovalSettings } from '../../policy/settings.js';
import type { RequestVerifier } from '../../x509/request-verifier.js';
import { askAuthorizer } from '../approver/ask-authorizer.js';
import { createDependents, type Dependents } from '../facts/dependents.js';
import type { FactCaches } from '../facts/fact-caches.js';
import { traceFacts } from '../../policy/lookups.js';
import { lookupsChangedBy } from '../facts/lookups.js';
import { intended } from '../records/issuance.js';
import { writeIssuance } from '../records/write-issuance.js';
import type { Watched } from '../runtime/controller.js';
import { evidenceStanding, type EvidenceStanding } from './evidence.js';
import type { RecordedApproval } from './permission.js';

/** What a signer needs to sign what policies approved. */
export interface RecordTrust {
  /** Tells the records of the approvers that count. */
  readonly records: RecordVerifier;
  readonly facts: FactCaches;
  readonly settings: ApprovalSettings;
}

/** What a gate is made with. */
export interface RecordGateOptions {
  readonly client: Client;
  readonly verifier: RequestVerifier;
  /** Absent: nobody's records are trusted. */
  readonly trust: RecordTrust | undefined;
}

/**
 * Looks up what stands behind a policy's approval: its record, read from the server itself, and what the facts say of it
 * now. It decides nothing.
 */
export class RecordGate {
  readonly #options: RecordGateOptions;
  readonly #dependents: Dependents = createDependents();
  /** Genuine records of requests that are not settled, by the requests' names. */
  readonly #records = new Map<string, CertificateRecord>();

  constructor(options: RecordGateOptions) {
    this.#options = options;
  }

  /** Caches for the runtime to run. */
  get watches(): readonly Watched[] {
    return this.#options.trust?.facts.watches ?? [];
  }

  /** Calls `enqueue` with the requests that a changed fact concerns; the answer ends that. */
  onFactChange(enqueue: (name: string) => void): () => void {
    const facts = this.#options.trust?.facts;
    if (facts === undefined) return () => undefined;
    return facts.onFactChange((change) => {
      for (const name of this.#dependents.on(lookupsChangedBy(change))) enqueue(name);
    });
  }

  /** Everything that the decision about a request rests on. */
  async observe(csr: CertificateSigningRequest, signal: AbortSignal): Promise<RecordedApproval> {
    const { trust, verifier } = this.#options;
    if (trust === undefined) return { kind: 'untrusted' };
    const verified = await verifier.verify(csr.spec.request);
    if (verified.kind === 'invalid') return { kind: 'unreadable' };
    const request = normaliseRequest(csr, verified.request, sha256);
    const found = await this.#record(request, trust, signal);
    if (found.kind !== 'genuine') return found;
    const { record } = found;
    const traced = traceFacts(trust.facts.facts());
    const { standing } = traced.facts;
    const evidence = await this.#evidence(record, traced.facts, trust, signal);
    const { spec } = record;
    const input = await this.#complete({ request, spec, facts: traced.facts, settings: trust.settings }, signal);
    // In one go, so that no change can slip in between.
    const recheck = recheckRecord(input);
    this.#dependents.set(request.name, traced.lookups);
    return { kind: 'recorded', record, standing, evidence, recheck, asked: input.facts !== traced.facts };
  }

  /** Writes down what is about to be signed. Rejects where the record has changed or gone: look again then. */
  async intend(record: CertificateRecord, intent: SigningIntent, signal: AbortSignal): Promise<void> {
    this.#records.delete(record.spec.request.name);
    await writeIssuance(this.#options.client, record, intended(record.status?.issuance, intent), signal);
  }

  /**
   * What the caches say in this moment against a signature that they allowed a while ago; undefined where nothing does.
   * The authorizer is not asked again.
   */
  async objection(csr: CertificateSigningRequest, { spec }: CertificateRecord): Promise<string | undefined> {
    const { trust, verifier } = this.#options;
    const verified = await verifier.verify(csr.spec.request);
    if (trust === undefined || verified.kind === 'invalid') return 'nobody can check it any more';
    const request = normaliseRequest(csr, verified.request, sha256);
    const facts = trust.facts.facts();
    if (facts.standing.kind !== 'fresh') return 'what is known is not to be believed any more';
    const recheck = recheckRecord({ request, spec, facts, settings: trust.settings });
    return 'because' in recheck ? recheck.because : undefined;
  }

  /** Nothing more is wanted for this name. */
  forget(name: string): void {
    this.#records.delete(name);
    this.#dependents.remove(name);
  }

  async #record(
    request: NormalisedRequest,
    trust: RecordTrust,
    signal: AbortSignal,
  ): Promise<
    | { readonly kind: 'genuine'; readonly record: CertificateRecord }
    | { readonly kind: 'absent' }
    | { readonly kind: 'invalid'; readonly detail: string }
  > {
    const known = this.#records.get(request.name);
    if (known?.spec.request.uid === request.uid) return { kind: 'genuine', record: known };
    const read = await orGone(this.#options.client.get(CERTIFICATE_RECORDS, recordName(request.uid), { signal }));
    if (read === undefined) return { kind: 'absent' };
    const verdict = trust.records.verify(read);
    if (verdict.kind === 'invalid') return verdict;
    const misfit = recordMisfit(request, verdict.record.spec);
    if (misfit !== undefined) return { kind: 'invalid', detail: misfit };
    this.#records.set(request.name, verdict.record);
    return { kind: 'genuine', record: verdict.record };
  }

  async #evidence(
    record: CertificateRecord,
    facts: Facts,
    trust: RecordTrust,
    signal: AbortSignal,
  ): Promise<EvidenceStanding> {
    const standing = evidenceStanding(record, (kind) => trust.facts.versionOf(kind), facts);
    if (standing.kind === 'reached' || standing.comparable) return standing;
    const { namespace = '', podName = '', kind } = record.spec.requester.identity;
    if (kind !== 'Pod') return standing;
    const live = await this.#pod(namespace, podName, signal);
    const version = facts.pod(namespace, podName)?.resourceVersion;
    return version !== undefined && live?.metadata.resourceVersion === version ? { kind: 'reached' } : standing;
  }

  /** With what only the API server can say: the authorizer's answers, or whether the pod that asked is gone, or its account. */
  async #complete(input: RecheckInput, signal: AbortSignal): Promise<RecheckInput> {
    const { request, spec, facts } = input;
    const first = recheckRecord(input);
    if (first.kind === 'needs') {
      const answers = await askAuthorizer(this.#options.client, request.requester, first.questions, [], signal);
      return { ...input, facts: withAccessReviews(facts, answers) };
    }
    if (first.kind !== 'unknown' || first.missing === undefined) return input;
    const { namespace = '', podName = '', podUID, serviceAccountName = '' } = spec.requester.identity;
    const [live, uid] =
      first.missing === 'pod'
        ? [await this.#pod(namespace, podName, signal), podUID]
        : [await this.#account(namespace, serviceAccountName, signal), spec.requester.uid];
    return live?.metadata.uid === uid ? input : { ...input, isGone: true };
  }

  #pod(namespace: string, name: string, signal: AbortSignal): Promise<Pod | undefined> {
    return orGone(this.#options.client.get(PODS, name, { namespace, signal }));
  }

  #account(namespace: string, name: string, signal: AbortSignal): Promise<ServiceAccount | undefined> {
    return orGone(this.#options.client.get(SERVICE_ACCOUNTS, name, { namespace, signal }));
  }
}

/** What a read finds; undefined where there is no such object. */
async function orGone<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (hasHttpCode(error, 404)) return undefined;
    throw error;
  }
}
