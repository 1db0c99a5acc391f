import { utf8, type Random } from '../../base/bytes.js';
import { toBase64 } from '../../base/base64.js';
import { secondsOf, type Clock } from '../../base/clock.js';
import type { Logger } from '../../base/logger.js';
import type { IssueOutcome } from '../../authority/certificate-authority.js';
import type { CertificateSigningRequest } from '../../certificates/certificate-signing-request.js';
import { hasHttpCode } from '../../client/api-failure.js';
import type { Client } from '../../client/client.js';
import type { EventRecorder } from '../../client/event-recorder.js';
import { createInformer, type Informer } from '../../client/informer.js';
import { CERTIFICATE_SIGNING_REQUESTS } from '../../client/resources.js';
import { escapeFieldValue } from '../../client/wait-for.js';
import { formatTime } from '../../kube/time.js';
import { describeFindings } from '../../x509/finding.js';
import { strictFindings } from '../../x509/strict-findings.js';
import type { RequestVerifier } from '../../x509/request-verifier.js';
import { createController, watched, type Applied, type Controller, type Decision } from '../runtime/controller.js';
import { decideSigning, FAILURE_REASON, judgeStanding, withCertificate, withFailure } from './decide.js';
import type { Issuer } from './issuer.js';
import { createSettledSet, type SettledSet } from '../runtime/settled-set.js';

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
  readonly metrics?: SignerMetrics;
  /** Requests in progress at once. Default 16. */
  readonly concurrency?: number;
}

/** A certificate that was signed and is not yet known to be published. */
interface Signed {
  readonly uid: string;
  readonly name: string;
  readonly signerName: string;
  readonly serialNumberHex: string;
  /** base64 of PEM, as the API carries it. */
  readonly certificate: string;
}

/** What the signer knows of a name. */
interface Seen {
  readonly csr: CertificateSigningRequest | undefined;
  readonly signed: Signed | undefined;
  readonly settled: boolean;
}

/** What the signer does. */
type SigningAction =
  | { readonly kind: 'sign'; readonly csr: CertificateSigningRequest }
  /** A publication ended in doubt, or failed: look what stands, and go on with the same signature. */
  | { readonly kind: 'settle'; readonly signed: Signed };

/**
 * Signs what is approved for its signerNames, and marks Failed what never can be. A request gets at most one
 * certificate: it is published by one conditional PUT; after a conflict or a lost answer the request is read again, the
 * same signature is published if it still waits, and one that is there already wins. A signature that is not published
 * is logged with its serial number.
 */
export function createSigner(options: SignerOptions): Controller {
  const signer = new Signer(options);
  return createController<Seen, SigningAction>({
    name: 'signer',
    watches: [watched(signer.requests)],
    concurrency: options.concurrency ?? 16,
    observe: (name) => signer.observe(name),
    decide,
    apply: (action, signal) =>
      action.kind === 'sign' ? signer.sign(action.csr, signal) : signer.settle(action.signed, signal),
    close: async () => signer.reportLost(),
  });
}

/** What to do about a name. The cache only holds requests that wait for us. */
function decide({ csr, signed, settled }: Seen): Decision<SigningAction> {
  // Another request may have taken the name of one whose signature is still in hand.
  const open = csr === undefined || settled || csr.metadata.uid === signed?.uid ? undefined : csr;
  const actions: SigningAction[] = [
    ...(signed === undefined ? [] : [{ kind: 'settle', signed } as const]),
    ...(open === undefined ? [] : [{ kind: 'sign', csr: open } as const]),
  ];
  return actions.length === 0 ? { kind: 'done' } : { kind: 'act', actions };
}

class Signer {
  readonly requests: Informer<CertificateSigningRequest>;
  readonly #options: SignerOptions;
  /** Signatures in hand, by the request's name. */
  readonly #signed = new Map<string, Signed>();
  /** Requests that were settled by us and may still look open in a cache that lags behind. */
  readonly #settled: SettledSet = createSettledSet();

  constructor(options: SignerOptions) {
    this.#options = options;
    const { client, clock, random, issuers } = options;
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

  observe(name: string): Seen {
    const csr = this.requests.get(name);
    return { csr, signed: this.#signed.get(name), settled: this.#settled.has(csr?.metadata.uid) };
  }

  /** Verifies, has it signed, and publishes. */
  async sign(csr: CertificateSigningRequest, signal: AbortSignal): Promise<Applied> {
    const outcome = await this.#issue(csr, signal);
    switch (outcome.kind) {
      case 'unavailable':
        return { kind: 'retry', because: outcome.message };
      case 'refused':
        return this.#fail(csr, outcome.reason, outcome.message, signal);
      case 'issued': {
        const { name = '', uid = '' } = csr.metadata;
        const { serialNumberHex, certificatePem } = outcome;
        const certificate = toBase64(utf8(certificatePem));
        const signed = { uid, name, signerName: csr.spec.signerName, serialNumberHex, certificate };
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

  async #issue(csr: CertificateSigningRequest, signal: AbortSignal): Promise<IssueOutcome> {
    const { issuers, verifier } = this.#options;
    const { signerName, usages = [], expirationSeconds } = csr.spec;
    const { name = '', uid = '' } = csr.metadata;
    const issuer = issuers.get(signerName);
    if (issuer === undefined) return { kind: 'unavailable', message: `nobody signs for ${JSON.stringify(signerName)}` };
    const verified = await verifier.verify(csr.spec.request);
    if (verified.kind === 'invalid') return { kind: 'refused', reason: 'RequestInvalid', message: verified.detail };
    const { request } = verified;
    const findings = strictFindings(request);
    if (findings.length > 0) {
      return { kind: 'refused', reason: 'RequestNotAllowed', message: describeFindings(findings) };
    }
    const expiration = expirationSeconds === undefined ? {} : { expirationSeconds };
    return issuer.issue({ name, uid, signerName, request, usages, ...expiration, signal });
  }

  /** One conditional PUT, and another only where it is certain that the first did nothing. */
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

  async #fail(csr: CertificateSigningRequest, reason: string, message: string, signal: AbortSignal): Promise<Applied> {
    const { client, clock, events, metrics, logger } = this.#options;
    const failed = withFailure(csr, message, formatTime(secondsOf(clock)));
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
    metrics?.refused(signerName);
    logger.info('Failed CertificateSigningRequest', { name, signerName, reason, message });
    events.record(
      { apiVersion: 'certificates.k8s.io/v1', kind: 'CertificateSigningRequest', name, uid },
      { type: 'Warning', reason: FAILURE_REASON, message: `${reason}: ${message}` },
    );
    return { kind: 'done' };
  }

  async #read(name: string, signal: AbortSignal): Promise<CertificateSigningRequest | undefined> {
    try {
      return await this.#options.client.get(CERTIFICATE_SIGNING_REQUESTS, name, { signal });
    } catch (error) {
      if (hasHttpCode(error, 404)) return undefined;
      throw error;
    }
  }

  #lose(signed: Signed, because: string): void {
    this.#forget(signed);
    this.#options.metrics?.lost(signed.signerName);
    this.#options.logger.warn('Lost signature for CertificateSigningRequest', { ...logged(signed), because });
  }

  #forget(signed: Signed): void {
    this.#signed.delete(signed.name);
    this.#settled.add(signed.uid);
  }
}

function logged({ name, uid, signerName, serialNumberHex }: Signed): Readonly<Record<string, string>> {
  return { name, uid, signerName, serialNumber: serialNumberHex };
}
