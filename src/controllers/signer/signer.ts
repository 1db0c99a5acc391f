import { utf8, type Random } from '../../base/bytes.js';
import { toBase64 } from '../../base/base64.js';
import { secondsOf, type Clock } from '../../base/clock.js';
import type { Logger } from '../../base/logger.js';
import type { IssueOutcome, SigningIntent } from '../../authority/certificate-authority.js';
import type { CertificateRecord } from '../../certificates/certificate-record.js';
import type { CertificateSigningRequest } from '../../certificates/certificate-signing-request.js';
import { isApprovedByPolicy } from '../../certificates/conditions.js';
import { hasHttpCode } from '../../client/api-failure.js';
import type { Client } from '../../client/client.js';
import type { ObjectReference } from '../../client/core-objects.js';
import type { EventRecorder } from '../../client/event-recorder.js';
import { createInformer, type Informer } from '../../client/informer.js';
import { CERTIFICATE_SIGNING_REQUESTS } from '../../client/resources.js';
import { escapeFieldValue } from '../../client/wait-for.js';
import { formatTime } from '../../kube/time.js';
import { describeFindings } from '../../x509/finding.js';
import { strictFindings } from '../../x509/strict-findings.js';
import type { RequestVerifier } from '../../x509/request-verifier.js';
import { createController, watched, type Applied, type Controller, type Watched } from '../runtime/controller.js';
import { decideSigning, FAILURE_REASON, judgeStanding, withCertificate, withFailure } from './decide.js';
import type { Issuer } from './issuer.js';
import { createSettledSet, type SettledSet } from '../runtime/settled-set.js';
import { decideNext, type Signed, type SigningAction, type SigningSeen, type Waiting } from './next-step.js';
import { RecordGate, type RecordTrust } from './record-gate.js';

/** Counts what the signer does. */
export interface SignerMetrics {
  issued(signerName: string): void;
  refused(signerName: string): void;
  /** A signature was made that nobody will ever see. */
  lost(signerName: string): void;
}

/** What the signer is made with. */
export interface SignerOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly verifier: RequestVerifier;
  readonly events: EventRecorder;
  /** Who signs for which signerName. */
  readonly issuers: ReadonlyMap<string, Issuer>;
  /** Whose records count, and the facts to check them by. Absent: what a policy approved waits. */
  readonly records?: RecordTrust;
  readonly metrics?: SignerMetrics;
  /** Requests in progress at once. Default 16. */
  readonly concurrency?: number;
}

/**
 * Signs what is approved for its signerNames, and marks Failed what never can be. A request gets at most one
 * certificate: it is published by one conditional PUT; after a conflict or a lost answer the request is read again, the
 * same signature is published if it still waits, and one that is there already wins. A signature that is not published
 * is logged with its serial number.
 *
 * What a policy approved is checked again by its record and by the facts of this moment, and what is about to be signed
 * is written into that record first.
 */
export function createSigner(options: SignerOptions): Controller {
  const signer = new Signer(options);
  return createController<SigningSeen, SigningAction>({
    name: 'signer',
    watches: signer.watches,
    concurrency: options.concurrency ?? 16,
    observe: (name, signal) => signer.observe(name, signal),
    decide: decideNext,
    apply: (action, signal) => signer.apply(action, signal),
    close: async () => signer.reportLost(),
  });
}

class Signer {
  readonly requests: Informer<CertificateSigningRequest>;
  readonly #options: SignerOptions;
  /** Signatures in hand, by the request's name. */
  readonly #signed = new Map<string, Signed>();
  /** Requests that were settled by us and may still look open in a cache that lags behind. */
  readonly #settled: SettledSet = createSettledSet();
  readonly #gate: RecordGate;
  /** Why requests wait, as it was last told, by their names. */
  readonly #told = new Map<string, { readonly uid: string; readonly because: string }>();

  constructor(options: SignerOptions) {
    this.#options = options;
    const { client, clock, random, issuers, verifier, records } = options;
    this.#gate = new RecordGate({ client, verifier, trust: records });
    const [only, ...others] = issuers.keys();
    this.requests = createInformer(client, CERTIFICATE_SIGNING_REQUESTS, {
      clock,
      random,
      ...(only === undefined || others.length > 0
        ? {}
        : { fieldSelector: `spec.signerName=${escapeFieldValue(only)}` }),
      // Memory holds the requests that wait for us, and nothing else.
      keep: (csr) => (decideSigning(csr, this.#isOurs).kind === 'sign' ? csr : undefined),
    });
  }

  get watches(): readonly Watched[] {
    const requests = watched(this.requests, ({ key, current }) => {
      if (current === undefined) this.#forgetWaiting(key);
      return [key];
    });
    const subscribe: Watched['subscribe'] = (enqueue) => {
      const ends = [requests.subscribe(enqueue), this.#gate.onFactChange(enqueue)];
      return () => {
        for (const end of ends) end();
      };
    };
    return [{ informer: requests.informer, subscribe }, ...this.#gate.watches];
  }

  /** From memory, but for what a policy approved. */
  observe(name: string, signal: AbortSignal): SigningSeen | Promise<SigningSeen> {
    const csr = this.requests.get(name);
    const signed = this.#signed.get(name);
    const uid = csr?.metadata.uid;
    const settled = this.#settled.has(uid);
    const told = this.#told.get(name);
    const seen: SigningSeen = {
      csr,
      signed,
      settled,
      approval: undefined,
      told: told?.uid === uid ? told?.because : undefined,
    };
    if (csr === undefined || settled || signed?.uid === uid || !isApprovedByPolicy(csr)) return seen;
    return this.#gate.observe(csr, signal).then((approval) => {
      if (this.requests.get(name)?.metadata.uid === uid) return { ...seen, approval };
      this.#gate.forget(name); // it went meanwhile: nobody else would
      return { ...seen, csr: undefined };
    });
  }

  apply(action: SigningAction, signal: AbortSignal): Promise<Applied> {
    switch (action.kind) {
      case 'sign':
        return this.sign(action.csr, action.record, signal);
      case 'fail':
        return this.#fail(action.csr, action, signal);
      case 'tell':
        return this.#tell(action.csr, action.waits);
      case 'settle':
        return this.settle(action.signed, signal);
    }
  }

  /** Verifies, has it signed, and publishes. */
  async sign(
    csr: CertificateSigningRequest,
    record: CertificateRecord | undefined,
    signal: AbortSignal,
  ): Promise<Applied> {
    const outcome = await this.#issue(csr, record, signal);
    switch (outcome.kind) {
      case 'unavailable':
        return { kind: 'retry', because: outcome.message };
      case 'refused':
        return this.#fail(csr, { reason: FAILURE_REASON, message: outcome.message, detail: outcome.reason }, signal);
      case 'issued': {
        const { name = '', uid = '' } = csr.metadata;
        const { serialNumberHex, certificatePem } = outcome;
        const certificate = toBase64(utf8(certificatePem));
        const signed = { uid, name, signerName: csr.spec.signerName, serialNumberHex, certificate, record };
        this.#signed.set(name, signed);
        return this.#publish(signed, csr, signal);
      }
    }
  }

  /** Goes on with a signature in hand, from what stands on the server. */
  async settle(signed: Signed, signal: AbortSignal): Promise<Applied> {
    return this.#publish(signed, await this.#read(signed.name, signal), signal);
  }

  /** Logs the signatures in hand: after this nobody remembers them. */
  reportLost(): void {
    for (const signed of this.#signed.values())
      this.#lose(signed, 'the signer stopped before it knew of its publication');
  }

  readonly #isOurs = (signerName: string): boolean => this.#options.issuers.has(signerName);

  async #issue(
    csr: CertificateSigningRequest,
    record: CertificateRecord | undefined,
    signal: AbortSignal,
  ): Promise<IssueOutcome> {
    const { issuers, verifier } = this.#options;
    const { signerName, usages = [], expirationSeconds } = csr.spec;
    const { name = '', uid = '' } = csr.metadata;
    const issuer = issuers.get(signerName);
    if (issuer === undefined) return { kind: 'unavailable', message: `nobody signs for ${JSON.stringify(signerName)}` };
    const verified = await verifier.verify(csr.spec.request);
    if (verified.kind === 'invalid') return { kind: 'refused', reason: 'RequestInvalid', message: verified.detail };
    const { request } = verified;
    const objection = issuer.objection?.({ request, usages });
    if (objection !== undefined) return { kind: 'refused', reason: FAILURE_REASON, message: objection };
    const findings = strictFindings(request);
    if (findings.length > 0) {
      return { kind: 'refused', reason: 'RequestNotAllowed', message: describeFindings(findings) };
    }
    const expiration = expirationSeconds === undefined ? {} : { expirationSeconds };
    const approved = { name, uid, signerName, request, usages, ...expiration, signal };
    if (record === undefined) return issuer.issue(approved);
    const beforeSigning = async (intent: SigningIntent): Promise<void> => {
      await this.#gate.intend(record, intent, signal);
      // Writing that took its time.
      const objection = await this.#gate.objection(csr, record);
      if (objection !== undefined) throw new Overtaken(objection);
    };
    try {
      return await issuer.issue({ ...approved, beforeSigning });
    } catch (error) {
      if (error instanceof Overtaken) return { kind: 'unavailable', message: error.message };
      if (!hasHttpCode(error, 404, 409)) throw error;
      return { kind: 'unavailable', message: `its record has changed: ${error.message}` };
    }
  }

  /**
   * One conditional PUT, and another only where it is certain that the first did nothing. What became untrue since it was
   * signed is not published: the request is judged anew.
   */
  async #publish(
    signed: Signed,
    current: CertificateSigningRequest | undefined,
    signal: AbortSignal,
  ): Promise<Applied> {
    const { client, metrics, logger } = this.#options;
    const standing = judgeStanding(current, signed.uid, signed.certificate, this.#isOurs);
    if (standing.kind === 'lost') {
      this.#lose(signed, standing.because);
      return { kind: 'done' };
    }
    if (standing.kind === 'open') {
      const objection = await this.#objection(signed, standing.csr);
      if (objection !== undefined) {
        this.#drop(signed, objection);
        return { kind: 'retry', because: objection, delayMs: 0 };
      }
      try {
        const next = withCertificate(standing.csr, signed.certificate);
        await client.updateStatus(CERTIFICATE_SIGNING_REQUESTS, next, { signal });
      } catch (error) {
        // Lost the race, or the request is gone: what stands now decides.
        if (!hasHttpCode(error, 404, 409)) throw error;
        return { kind: 'retry', because: error.message, delayMs: 0 };
      }
    }
    this.#forget(signed);
    metrics?.issued(signed.signerName);
    logger.info('Issued CertificateSigningRequest', logged(signed));
    return { kind: 'done' };
  }

  async #fail(csr: CertificateSigningRequest, why: Failure, signal: AbortSignal): Promise<Applied> {
    const { client, clock, events, metrics, logger } = this.#options;
    const { reason, message, detail = reason } = why;
    const failed = withFailure(csr, message, formatTime(secondsOf(clock)), reason);
    try {
      await client.updateStatus(CERTIFICATE_SIGNING_REQUESTS, failed, { signal });
    } catch (error) {
      if (hasHttpCode(error, 404)) return { kind: 'done' };
      if (hasHttpCode(error, 409)) return { kind: 'retry', because: error.message };
      throw error;
    }
    const { name = '', uid = '' } = csr.metadata;
    const { signerName } = csr.spec;
    this.#settled.add(uid);
    this.#forgetWaiting(name);
    metrics?.refused(signerName);
    logger.info('Failed CertificateSigningRequest', { name, signerName, reason: detail, message });
    events.record(referenceTo(csr), {
      type: 'Warning',
      reason,
      message: detail === reason ? message : `${detail}: ${message}`,
    });
    return { kind: 'done' };
  }

  /** Says why a request waits, once for each reason. */
  async #tell(csr: CertificateSigningRequest, { reason, because, delayMs }: Waiting): Promise<Applied> {
    const { name = '', uid = '' } = csr.metadata;
    const told = this.#told.get(name);
    if (told?.uid !== uid || told.because !== because) {
      this.#told.set(name, { uid, because });
      this.#options.logger.info('Waits with CertificateSigningRequest', { name, uid, reason, because });
      const type = reason === 'RecordTrustMissing' ? 'Warning' : 'Normal';
      this.#options.events.record(referenceTo(csr), { type, reason, message: `not signed yet: ${because}` });
    }
    return delayMs === undefined ? { kind: 'done' } : { kind: 'retry', because, delayMs };
  }

  #forgetWaiting(name: string): void {
    this.#told.delete(name);
    this.#gate.forget(name);
  }

  async #read(name: string, signal: AbortSignal): Promise<CertificateSigningRequest | undefined> {
    try {
      return await this.#options.client.get(CERTIFICATE_SIGNING_REQUESTS, name, { signal });
    } catch (error) {
      if (hasHttpCode(error, 404)) return undefined;
      throw error;
    }
  }

  #objection({ record }: Signed, csr: CertificateSigningRequest): Promise<string | undefined> {
    return record === undefined ? Promise.resolve(undefined) : this.#gate.objection(csr, record);
  }

  #lose(signed: Signed, because: string): void {
    this.#drop(signed, because);
    this.#forget(signed);
  }

  /** Nobody will see this signature; another one may be made. */
  #drop(signed: Signed, because: string): void {
    this.#signed.delete(signed.name);
    this.#options.metrics?.lost(signed.signerName);
    this.#options.logger.warn('Lost signature for CertificateSigningRequest', { ...logged(signed), because });
  }

  #forget(signed: Signed): void {
    this.#signed.delete(signed.name);
    this.#settled.add(signed.uid);
    this.#forgetWaiting(signed.name);
  }
}

/** What was about to be signed has become untrue. */
class Overtaken extends Error {}

/** Why a request can never be signed. */
interface Failure {
  /** Of the condition. */
  readonly reason: string;
  readonly message: string;
  /** A finer reason, for log and Event. */
  readonly detail?: string;
}

function referenceTo({ metadata: { name = '', uid = '' } }: CertificateSigningRequest): ObjectReference {
  return { apiVersion: 'certificates.k8s.io/v1', kind: 'CertificateSigningRequest', name, uid };
}

function logged({ name, uid, signerName, serialNumberHex }: Signed): Readonly<Record<string, string>> {
  return { name, uid, signerName, serialNumber: serialNumberHex };
}
