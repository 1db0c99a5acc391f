import { decodeBase64, toBase64 } from '../base/base64.js';
import { toHex, type Random } from '../base/bytes.js';
import { secondsOf, type Clock } from '../base/clock.js';
import { hasCode, messageOf } from '../base/error.js';
import type { CertificateSigningRequest } from '../certificates/certificate-signing-request.js';
import { conditionOf, FAILED, isDenied, isIssued, APPROVED } from '../certificates/conditions.js';
import { hasHttpCode } from '../client/api-failure.js';
import type { Client } from '../client/client.js';
import { CERTIFICATE_SIGNING_REQUESTS } from '../client/resources.js';
import { waitFor } from '../client/wait-for.js';
import { StatusError } from '../kube/status.js';
import { formatTime } from '../kube/time.js';
import { judgeIssued } from './judge-issued.js';
import type { ForgeKit } from './forge.js';
import type { LimboCase, LimboRequest } from './limbo-case.js';
import { runCase, type Approval, type CaseResult, type Passed, type Signing, type Stations } from './run-case.js';

/** What is attacked, and how hard. */
export interface AttackPlan {
  readonly cases: readonly LimboCase[];
  readonly signerName: string;
  /** Approves what nobody has decided, to see what the signer does with it. */
  readonly approve: boolean;
  /** How long approver and signer get for each request, in seconds. */
  readonly patienceSeconds: number;
  /** Label that all requests carry, so that what is left behind can be found: its value is unique to the attack. */
  readonly label: { readonly key: string; readonly value: string };
}

/** What an attack is made with. */
export interface AttackWorld {
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly kit: ForgeKit;
  readonly signal: AbortSignal;
  /** Told after each case. */
  readonly onResult?: (result: CaseResult) => void;
}

/** Usages of a TLS server, which a request has where its case says nothing. */
export const SERVER_USAGES: readonly string[] = ['digital signature', 'key encipherment', 'server auth'];

/** The API server's limit on bodies. */
const MAX_BODY_BYTES = 3 << 20;
const AT_ONCE = 32;

/**
 * Sends every case to a live API server, looks what its approver and its signer make of it, and deletes it again. What
 * is told is only what was seen: an approver that does nothing withholds, which is never grave.
 */
export async function attack(plan: AttackPlan, world: AttackWorld): Promise<readonly CaseResult[]> {
  const results: CaseResult[] = [];
  const waiting = [...plan.cases];
  const worker = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      world.signal.throwIfAborted();
      const result = await attackWith(next, plan, world);
      results.push(result);
      world.onResult?.(result);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return results.sort((a, b) => plan.cases.indexOf(a.case) - plan.cases.indexOf(b.case));
}

/** One request on its way, and what became of it. */
class Attempt {
  readonly #plan: AttackPlan;
  readonly #world: AttackWorld;
  #csr: CertificateSigningRequest | undefined;

  constructor(plan: AttackPlan, world: AttackWorld) {
    this.#plan = plan;
    this.#world = world;
  }

  readonly stations: Stations = {
    create: (request) => this.#create(request),
    review: () => this.#review(),
    sign: (request) => this.#sign(request),
  };

  async remove(): Promise<void> {
    const { name } = this.#csr?.metadata ?? {};
    if (name === undefined) return;
    try {
      await this.#world.client.delete(CERTIFICATE_SIGNING_REQUESTS, name);
    } catch (error) {
      if (!hasHttpCode(error, 404)) throw error;
    }
  }

  async #create(request: LimboRequest): Promise<Passed<'creates'>> {
    const { client, random, signal } = this.#world;
    const { label, signerName } = this.#plan;
    const { expirationSeconds = 86_400 } = request;
    try {
      this.#csr = await client.create(
        CERTIFICATE_SIGNING_REQUESTS,
        {
          metadata: { name: `limbo-${toHex(random(6))}`, labels: { [label.key]: label.value } },
          spec: {
            request: toBase64(request.text),
            signerName,
            usages: request.usages ?? SERVER_USAGES,
            ...(expirationSeconds === 'none' ? {} : { expirationSeconds }),
          },
          status: {},
        },
        { signal },
      );
      return 'creates';
    } catch (error) {
      // A refusal of the request's content; whoever may not even ask learns nothing from going on.
      if (error instanceof StatusError && !hasHttpCode(error, 401, 403)) return { refuses: messageOf(error) };
      // A server need not read to the end what it will not take, and may hang up instead.
      if (request.text.length > MAX_BODY_BYTES) return { refuses: messageOf(error) };
      throw error;
    }
  }

  async #review(): Promise<Approval> {
    const csr = await this.#await((seen) => conditionOf(seen, APPROVED) !== undefined || isDenied(seen));
    if (csr === undefined) return { outcome: 'defers' };
    return { outcome: isDenied(csr) ? 'denies' : 'approves' };
  }

  async #sign(request: LimboRequest): Promise<Signing> {
    const decided = await this.#read();
    if (decided === undefined || isDenied(decided)) return { fails: 'it was denied' };
    if (conditionOf(decided, APPROVED) === undefined) {
      if (!this.#plan.approve) return { fails: 'nobody approved it' };
      await this.#approve(decided);
    }
    const csr = await this.#await((seen) => isIssued(seen) || conditionOf(seen, FAILED) !== undefined);
    if (csr === undefined) return { fails: 'it was not signed in time' };
    const failed = conditionOf(csr, FAILED);
    if (!isIssued(csr)) return { fails: `${failed?.reason ?? ''}: ${failed?.message ?? ''}` };
    const pem = decodeBase64(csr.status.certificate ?? '');
    const problem = judgeIssued(
      pem.kind === 'bytes' ? pem.bytes : new Uint8Array(),
      request.text,
      csr.spec.usages ?? [],
    );
    return problem === undefined ? 'signs' : { oversteps: problem };
  }

  async #approve(csr: CertificateSigningRequest): Promise<void> {
    const { client, clock, signal } = this.#world;
    const condition = {
      type: APPROVED,
      status: 'True',
      reason: 'CountersignAttack',
      message: 'Approved to see what the signer does with it.',
      lastUpdateTime: formatTime(secondsOf(clock)),
    };
    const conditions = [...(csr.status.conditions ?? []), condition];
    await client.updateSubresource(
      CERTIFICATE_SIGNING_REQUESTS,
      'approval',
      { ...csr, status: { ...csr.status, conditions } },
      { signal },
    );
  }

  /** The request once `isReached`; undefined where patience ends before, or somebody deleted it. */
  async #await(isReached: (csr: CertificateSigningRequest) => boolean): Promise<CertificateSigningRequest | undefined> {
    const { client, clock, signal } = this.#world;
    const patience = new AbortController();
    const cancel = clock.schedule(this.#plan.patienceSeconds * 1000, () => patience.abort());
    const name = this.#csr?.metadata.name ?? '';
    const reached = (
      csr: CertificateSigningRequest | undefined,
    ): { readonly csr?: CertificateSigningRequest } | undefined =>
      csr === undefined ? {} : isReached(csr) ? { csr } : undefined;
    try {
      const both = AbortSignal.any([signal, patience.signal]);
      const found = await waitFor(client, CERTIFICATE_SIGNING_REQUESTS, name, reached, { clock, signal: both });
      return found.csr;
    } catch (error) {
      signal.throwIfAborted();
      if (hasCode(error, 'ABORTED')) return undefined;
      throw error;
    } finally {
      cancel();
    }
  }

  async #read(): Promise<CertificateSigningRequest | undefined> {
    const { client, signal } = this.#world;
    try {
      return await client.get(CERTIFICATE_SIGNING_REQUESTS, this.#csr?.metadata.name ?? '', { signal });
    } catch (error) {
      if (hasHttpCode(error, 404)) return undefined;
      throw error;
    }
  }
}

async function attackWith(limboCase: LimboCase, plan: AttackPlan, world: AttackWorld): Promise<CaseResult> {
  const attempt = new Attempt(plan, world);
  try {
    const result = await runCase(limboCase, world.kit, attempt.stations);
    return { ...result, surprises: result.surprises.filter((surprise) => surprise.grave) };
  } finally {
    await attempt.remove();
  }
}
