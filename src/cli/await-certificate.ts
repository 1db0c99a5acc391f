import type {
  CertificateSigningRequest,
  CertificateSigningRequestCondition,
} from '../certificates/certificate-signing-request.js';
import type { Client } from '../client/client.js';
import { CERTIFICATE_SIGNING_REQUESTS } from '../client/resources.js';
import { waitFor } from '../client/wait-for.js';
import { hasCode } from '../base/error.js';
import type { Environment } from './environment.js';
import type { RequestPlan } from './request-plan.js';
import { conditionReason, requestState } from './request-state.js';

/** How waiting for a certificate ends. */
export type WaitEnd =
  | { readonly kind: 'issued'; readonly csr: CertificateSigningRequest; readonly certificate: string }
  | { readonly kind: 'denied' | 'failed'; readonly by: CertificateSigningRequestCondition }
  | { readonly kind: 'deleted' }
  | { readonly kind: 'timed-out'; readonly waitingFor: string }
  | { readonly kind: 'interrupted' };

/** An approved request that nobody signs for this long has probably no signer. */
const SIGNER_PATIENCE_MS = 10_000;

/**
 * Waits until the request is signed, refused or gone, telling on standard error what it waits for and who has to do
 * what. The user's interrupt and the timeout end the wait, not the request.
 */
export async function awaitCertificate(
  client: Client,
  plan: RequestPlan,
  environment: Environment,
  timeoutSeconds: number,
): Promise<WaitEnd> {
  const timeout = new AbortController();
  const progress = new Progress(plan, environment);
  const cancelTimeout = environment.clock.schedule(timeoutSeconds * 1000, () => timeout.abort());
  const signal = AbortSignal.any([environment.signal, timeout.signal]);
  try {
    return await waitFor(client, CERTIFICATE_SIGNING_REQUESTS, plan.name, (csr) => progress.see(csr), {
      signal,
      clock: environment.clock,
    });
  } catch (error) {
    if (!hasCode(error, 'ABORTED')) throw error;
    return environment.signal.aborted
      ? { kind: 'interrupted' }
      : { kind: 'timed-out', waitingFor: progress.waitingFor };
  } finally {
    cancelTimeout();
    progress.close();
  }
}

/** Tells each new state once. */
class Progress {
  readonly #plan: RequestPlan;
  readonly #environment: Environment;
  #told = '';
  #cancelHint: (() => void) | undefined;
  #waitingFor = 'the request was not seen on the server';

  constructor(plan: RequestPlan, environment: Environment) {
    this.#plan = plan;
    this.#environment = environment;
  }

  /** What was missing last. */
  get waitingFor(): string {
    return this.#waitingFor;
  }

  /** Looks at the request; an end where there is nothing more to wait for. */
  see(csr: CertificateSigningRequest | undefined): WaitEnd | undefined {
    if (csr === undefined) return { kind: 'deleted' };
    const state = requestState(csr);
    switch (state.kind) {
      case 'issued':
        return { kind: 'issued', csr, certificate: state.certificate };
      case 'denied':
      case 'failed':
        return { kind: state.kind, by: state.by };
      case 'pending':
        this.#tell('pending', this.#pendingText());
        return undefined;
      case 'approved':
        this.#tell('approved', `Approved (${conditionReason(state.by)}). Waiting for signer ${this.#plan.signerName}.`);
        return undefined;
    }
  }

  close(): void {
    this.#cancelHint?.();
  }

  #pendingText(): string {
    const { name } = this.#plan;
    const { program } = this.#environment;
    this.#waitingFor = `nobody has approved it yet; to approve it: kubectl certificate approve ${name}`;
    return (
      'Waiting for approval. Somebody who may approve for this signer runs:\n' +
      `  ${program} approve ${name}    (or: kubectl certificate approve ${name})\n` +
      `What policies say of it, and what it waits for: ${program} explain ${name}`
    );
  }

  #tell(state: string, text: string): void {
    if (this.#told === state) return;
    this.#told = state;
    this.#environment.stderr.write(`${text}\n`);
    this.#cancelHint?.();
    this.#cancelHint = undefined;
    if (state !== 'approved') return;
    const { signerName } = this.#plan;
    this.#waitingFor = `it is approved, but no signer answers for ${signerName}`;
    this.#cancelHint = this.#environment.clock.schedule(SIGNER_PATIENCE_MS, () => {
      this.#environment.stderr.write(
        `No signer has answered for ${signerName} yet. Is one running? ` +
          `${this.#environment.program} explain ${this.#plan.name} tells. To run one:\n` +
          `  ${this.#environment.program} controller --signer ${signerName} --ca ca.pem --ca-key ca-key.pem\n`,
      );
    });
  }
}
