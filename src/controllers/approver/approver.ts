import type { Random } from '../../base/bytes.js';
import { secondsOf, type Clock } from '../../base/clock.js';
import { messageOf } from '../../base/error.js';
import type { Logger } from '../../base/logger.js';
import type { KeyCustody } from '../../authority/key-custody.js';
import type { CertificateSigningRequest } from '../../certificates/certificate-signing-request.js';
import type { Requester } from '../../certificates/normalised-request.js';
import { hasHttpCode } from '../../client/api-failure.js';
import type { Client } from '../../client/client.js';
import type { EventRecorder, Occurrence } from '../../client/event-recorder.js';
import { createInformer, type Informer } from '../../client/informer.js';
import { CERTIFICATE_SIGNING_REQUESTS } from '../../client/resources.js';
import { withAccessReviews, type AccessReview } from '../../policy/facts-snapshot.js';
import type { AccessQuestion } from '../../policy/facts.js';
import { describeIdentity, identityKey } from '../../policy/identity.js';
import { buildRecordSpec, type FinalDecision } from '../../policy/record.js';
import type { ApprovalSettings } from '../../policy/settings.js';
import type { CertificationRequest } from '../../x509/certification-request-model.js';
import type { RequestVerifier } from '../../x509/request-verifier.js';
import { createDependents } from '../facts/dependents.js';
import type { FactCaches } from '../facts/fact-caches.js';
import { lookupsChangedBy } from '../facts/lookups.js';
import { createController, watched, type Applied, type Controller, type Watched } from '../runtime/controller.js';
import { createSettledSet } from '../runtime/settled-set.js';
import { askAuthorizer } from './ask-authorizer.js';
import {
  decide,
  isPending,
  shadowQuestions,
  withDecision,
  type ApproverAction,
  type Judgement,
  type Seen,
  type Shadow,
} from './decide.js';
import { judge } from './judge.js';
import { createKeyClaims, type KeyClaims } from './key-claims.js';
import { createMemory } from './memory.js';
import type { PolicySource } from './policy-source.js';
import { createRecordWriter, type RecordWriter } from './write-record.js';

/** Counts what the approver does. */
export interface ApproverMetrics {
  approved(signerName: string, policy: string): void;
  denied(signerName: string, policy: string): void;
  /** A request waits for something else than before. */
  deferred(signerName: string): void;
}

/** What the approver is made with. */
export interface ApproverOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly verifier: RequestVerifier;
  readonly events: EventRecorder;
  readonly facts: FactCaches;
  readonly policies: PolicySource;
  readonly settings: ApprovalSettings;
  /** Signs records. */
  readonly custody: KeyCustody;
  readonly metrics?: ApproverMetrics;
  /** Requests in progress at once. Default 16. */
  readonly concurrency?: number;
}

/** Rounds of questions to the authorizer about one request, one after the other. */
const MAX_ROUNDS = 4;
const RESYNC_SECONDS = 600;
const BY_SIGNER = 'signerName';

/**
 * Decides about pending requests as policies say, from facts in memory. It touches nothing that anybody has decided: a
 * decision is put on record and then written by one conditional PUT, and a request that has changed meanwhile is looked
 * at anew. What cannot be decided yet waits for a change of what it was judged by. Requesters take turns.
 */
export function createApprover(options: ApproverOptions): Controller {
  const approver = new Approver(options);
  return createController<Seen, ApproverAction>({
    name: 'approver',
    watches: approver.watches,
    concurrency: options.concurrency ?? 16,
    // Rules may look at the time, and one that was stopped may do better later.
    resync: { seconds: RESYNC_SECONDS, keys: () => approver.pending() },
    groupOf: (name) => approver.requesterOf(name),
    observe: (name, signal) => approver.observe(name, signal),
    decide,
    apply: (action, signal) => approver.apply(action, signal),
  });
}

class Approver {
  readonly watches: readonly Watched[];
  readonly #options: ApproverOptions;
  readonly #requests: Informer<CertificateSigningRequest>;
  readonly #dependents = createDependents();
  readonly #memory = createMemory();
  readonly #claims: KeyClaims;
  readonly #records: RecordWriter;
  /** Decided by us, and perhaps still pending in a cache that lags behind. */
  readonly #settled = createSettledSet();

  constructor(options: ApproverOptions) {
    const { client, clock, random, facts, policies, custody } = options;
    this.#options = options;
    this.#claims = createKeyClaims(clock);
    this.#records = createRecordWriter({ client, clock, custody });
    this.#requests = createInformer(client, CERTIFICATE_SIGNING_REQUESTS, {
      clock,
      random,
      // Memory holds the requests that nobody has decided, and nothing else.
      keep: (csr) => (isPending(csr) ? csr : undefined),
      indexes: { [BY_SIGNER]: ({ spec }) => [spec.signerName] },
    });
    this.#requests.onChange(({ key, current, previous }) => {
      if (current !== undefined) return;
      this.#dependents.remove(key);
      this.#memory.forget(key);
      this.#records.forget(previous?.metadata.uid ?? '');
    });
    this.watches = [
      { informer: this.#requests, subscribe: (enqueue) => this.#subscribe(enqueue) },
      ...policies.informers.map((informer) => watched(informer, () => [])),
      ...facts.watches,
    ];
  }

  requesterOf(name: string): string {
    return this.#requests.get(name)?.spec.username ?? '';
  }

  pending(): readonly string[] {
    return [...this.#requests.keys()];
  }

  async observe(name: string, signal: AbortSignal): Promise<Seen> {
    const csr = this.#requests.get(name);
    if (csr === undefined || this.#settled.has(csr.metadata.uid)) return { kind: 'settled' };
    const { verifier, policies } = this.#options;
    if (policies.policies().forSigner(csr.spec.signerName).length === 0) return { kind: 'settled' };
    const verified = await verifier.verify(csr.spec.request);
    if (verified.kind === 'valid') return this.#judge(csr, verified.request, signal);
    const told = this.#memory.of(name, csr.metadata.uid);
    return this.#isHere(csr) ? { kind: 'unreadable', csr, detail: verified.detail, told } : { kind: 'settled' };
  }

  apply(action: ApproverAction, signal: AbortSignal): Promise<Applied> {
    switch (action.kind) {
      case 'settle':
        return this.#settle(action.judgement, action.verdict, signal);
      case 'defer':
        return Promise.resolve(this.#defer(action));
      case 'shadow':
        return Promise.resolve(this.#tellShadow(action.csr, action.shadow));
    }
  }

  #subscribe(enqueue: (key: string) => void): () => void {
    const { facts, policies } = this.#options;
    const ends = [
      this.#requests.onChange(({ key }) => enqueue(key)),
      facts.onFactChange((change) => {
        for (const name of this.#dependents.on(lookupsChangedBy(change))) enqueue(name);
      }),
      policies.onChange((signerNames) => {
        for (const signerName of signerNames)
          for (const name of this.#requests.keysBy(BY_SIGNER, signerName)) enqueue(name);
      }),
    ];
    return () => {
      for (const end of ends) end();
    };
  }

  /** Whether it still waits. What is kept for one that went while something was awaited, nobody would take away. */
  #isHere({ metadata: { name = '', uid } }: CertificateSigningRequest): boolean {
    return this.#requests.get(name)?.metadata.uid === uid;
  }

  /** Judges, asks the authorizer where a policy depends on it, and judges again from what is then known. */
  async #judge(csr: CertificateSigningRequest, request: CertificationRequest, signal: AbortSignal): Promise<Seen> {
    const { client, clock, facts, policies, settings } = this.#options;
    const { name = '', uid } = csr.metadata;
    let answers: readonly AccessReview[] = [];
    let asksForShadows = true;
    for (let round = 0; ; round++) {
      if (!this.#isHere(csr)) return { kind: 'settled' };
      const { standing } = facts.facts();
      if (standing.kind !== 'fresh') return { kind: 'blind', standing };
      const judged = judge({
        csr,
        request,
        facts: withAccessReviews(facts.facts(), answers),
        policies: policies.policies(),
        settings,
        now: secondsOf(clock),
      });
      if (judged.kind === 'judged') {
        const open = asksForShadows ? shadowQuestions(judged.judgement.verdict.reviews) : [];
        if (open.length > 0 && round < MAX_ROUNDS) {
          const { requester } = judged.judgement.request;
          const more = await this.#askForShadows(requester, open, answers, signal);
          asksForShadows = more !== undefined;
          answers = more ?? answers;
          continue;
        }
        // In one go with the judgement, so that no change can slip in between.
        this.#dependents.set(name, judged.lookups);
        return { kind: 'judged', judgement: judged.judgement, told: this.#memory.of(name, uid), asked: round > 0 };
      }
      if (round === MAX_ROUNDS) throw new Error(`The policies asked the authorizer ${MAX_ROUNDS} times and still ask`);
      answers = await askAuthorizer(client, judged.requester, judged.questions, answers, signal);
    }
  }

  /** Undefined where nobody answers: policies in shadow mode hold nothing up. */
  async #askForShadows(
    requester: Requester,
    questions: readonly AccessQuestion[],
    answers: readonly AccessReview[],
    signal: AbortSignal,
  ): Promise<readonly AccessReview[] | undefined> {
    const { client, logger } = this.#options;
    try {
      return await askAuthorizer(client, requester, questions, answers, signal);
    } catch (error) {
      signal.throwIfAborted();
      logger.warn('Could not ask authorizer for policies in shadow mode', { error: messageOf(error) });
      return undefined;
    }
  }

  /** Puts the decision on record, and then writes it, if the request is still as it was judged. */
  async #settle(judgement: Judgement, verdict: FinalDecision, signal: AbortSignal): Promise<Applied> {
    const { client, clock } = this.#options;
    const { csr, request, identity, found } = judgement;
    if (verdict.kind === 'approve' && !this.#claims.claim(request.publicKeyDigest, identityKey(identity))) {
      return { kind: 'retry', because: 'another requester has just asked with the same key' };
    }
    const now = secondsOf(clock);
    const spec = buildRecordSpec({
      request,
      identity,
      decision: verdict,
      ...(found === undefined ? {} : { facts: found }),
      now,
    });
    const record = await this.#records.write(spec, signal);
    if (!this.#isHere(csr)) {
      this.#records.forget(request.uid);
      return { kind: 'done' };
    }
    if (record.kind === 'taken') return { ...record, kind: 'retry' };
    // That took its time: what is not so any more is not written, a denial least of all.
    if (!(await this.#stillSays(judgement, verdict))) {
      return { kind: 'retry', because: 'facts changed while it was put on record', delayMs: 0 };
    }
    try {
      const decided = withDecision(csr, verdict, now);
      await client.updateSubresource(CERTIFICATE_SIGNING_REQUESTS, 'approval', decided, { signal });
    } catch (error) {
      if (hasHttpCode(error, 404)) return { kind: 'done' };
      // Somebody has decided or changed it: what stands now is judged.
      if (hasHttpCode(error, 409)) return { kind: 'retry', because: error.message };
      if (hasHttpCode(error, 403)) this.#tell(csr, 'Warning', 'ApprovalForbidden', error.message);
      throw error;
    }
    this.#settled.add(request.uid);
    this.#report(judgement, verdict);
    return { kind: 'done' };
  }

  /** Whether the same verdict would be given by what is known now. The authorizer is not asked again. */
  async #stillSays({ csr, found }: Judgement, { kind, message }: FinalDecision): Promise<boolean> {
    const { clock, facts, policies, settings, verifier } = this.#options;
    const verified = await verifier.verify(csr.spec.request);
    const known = facts.facts();
    if (verified.kind === 'invalid' || known.standing.kind !== 'fresh') return false;
    const judged = judge({
      csr,
      request: verified.request,
      facts: withAccessReviews(known, found?.accessReviews ?? []),
      policies: policies.policies(),
      settings,
      now: secondsOf(clock),
    });
    if (judged.kind === 'needs') return false;
    const { verdict } = judged.judgement;
    return verdict.kind === kind && verdict.message === message;
  }

  #report({ request, identity }: Judgement, verdict: FinalDecision): void {
    const { logger, metrics } = this.#options;
    const { name, uid, signerName, requester } = request;
    const approved = verdict.kind === 'approve';
    const [policy] = approved ? [verdict.policy] : verdict.policies;
    logger.info(`${approved ? 'Approved' : 'Denied'} CertificateSigningRequest`, {
      name,
      uid,
      signerName,
      username: requester.username,
      identity: describeIdentity(identity),
      policy: policy?.name,
      generation: policy?.generation,
      ...(approved ? { names: verdict.names.map(({ type, value }) => `${type}:${value}`) } : {}),
      message: verdict.message,
    });
    if (approved) metrics?.approved(signerName, verdict.policy.name);
    else for (const { name: denier } of verdict.policies) metrics?.denied(signerName, denier);
  }

  #defer({ csr, message, again }: Extract<ApproverAction, { readonly kind: 'defer' }>): Applied {
    const { logger, metrics } = this.#options;
    const { name = '', uid } = csr.metadata;
    const { signerName, username } = csr.spec;
    this.#memory.deferred(name, uid, message);
    this.#tell(csr, 'Normal', 'ApprovalDeferred', message);
    metrics?.deferred(signerName);
    logger.info('Deferred CertificateSigningRequest', { name, uid, signerName, username, message });
    return again === undefined ? { kind: 'done' } : { kind: 'retry', ...again };
  }

  #tellShadow(csr: CertificateSigningRequest, { key, reason, policy, message }: Shadow): Applied {
    const { name = '', uid } = csr.metadata;
    this.#memory.shadowed(name, uid, key);
    this.#tell(csr, 'Normal', reason, message);
    this.#options.logger.info('Policy in shadow mode judged CertificateSigningRequest', {
      name,
      uid,
      signerName: csr.spec.signerName,
      policy,
      verdict: reason,
      message,
    });
    return { kind: 'done' };
  }

  #tell({ metadata }: CertificateSigningRequest, type: Occurrence['type'], reason: string, message: string): void {
    const { name = '', uid = '' } = metadata;
    const about = { apiVersion: 'certificates.k8s.io/v1', kind: 'CertificateSigningRequest', name, uid };
    this.#options.events.record(about, { type, reason, message });
  }
}
