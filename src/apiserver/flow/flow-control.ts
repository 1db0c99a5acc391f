import type { Clock } from '../../base/clock.js';
import { CountersignError } from '../../base/error.js';
import type { ApiResponse } from '../../kube/exchange.js';
import type { Deadline } from '../deadline.js';
import type { ApiLimits } from '../limits.js';
import { headerOf } from '../request-headers.js';
import { respondText } from '../responses/respond.js';
import type { Route } from '../routing/route-table.js';
import type { ServedRequest } from '../served-request.js';
import { FairQueue, type Lease, type QueueRefusal } from './fair-queue.js';
import { FlowMetrics, type FlowRefusal } from './flow-metrics.js';
import { flowOf, type RequestFlow } from './flow-of.js';
import { HeldBytes } from './held-bytes.js';
import { ListCosts } from './list-costs.js';

/** What a body that does not say its length counts as. */
const UNTOLD_BODY_BYTES = 1024 * 1024;
/** Bytes of a body that make a seat: to take a large object apart may take long. */
const BODY_BYTES_PER_SEAT = 32 * 1024;

const READS: ReadonlySet<string> = new Set(['get', 'list', 'watch']);

/** A request that is permitted, and how to do it. */
export interface FlowingRequest {
  readonly served: ServedRequest;
  readonly route: Route | undefined;
  readonly deadline: Deadline;
  readonly work: () => Promise<ApiResponse>;
}

/**
 * How much the server does at once, and for whom. A body is read before its request queues, so that who sends slowly
 * takes no seat; seats are taken while the answer is made; and the answer's bytes count until they have gone. Superusers
 * have queues of their own and are never refused; parts of this process share the others', and are never refused either.
 */
export class FlowControl {
  readonly metrics: FlowMetrics;
  readonly #limits: ApiLimits;
  readonly #clock: Clock;
  readonly #held: HeldBytes;
  readonly #reads: FairQueue;
  readonly #writes: FairQueue;
  readonly #exemptReads: FairQueue;
  readonly #exemptWrites: FairQueue;
  readonly #costs = new ListCosts();
  #readsNow = 0;
  #writesNow = 0;

  /** `nextTurn`: see `FairQueue`. */
  constructor(limits: ApiLimits, clock: Clock, nextTurn?: (callback: () => void) => void) {
    this.#limits = limits;
    this.#clock = clock;
    this.#held = new HeldBytes({ maxPerUser: limits.maxHeldBytesPerUser, max: limits.maxHeldBytes }, () => {
      for (const queue of this.#queues()) queue.serveSoon();
    });
    const queue = (seats: number, mayRun?: (user: string) => boolean): FairQueue => {
      const bounds = {
        seats,
        maxQueued: limits.maxQueued,
        maxQueuedPerFlow: limits.maxQueuedPerUser,
        maxWaitMs: limits.maxQueueWaitMs,
      };
      return new FairQueue(bounds, clock, mayRun, nextTurn);
    };
    // a write whose body is here goes on, for that is how the body goes
    const mayRead = (user: string): boolean => this.#held.mayHold(user);
    this.#reads = queue(limits.maxReadsInFlight, mayRead);
    this.#writes = queue(limits.maxWritesInFlight);
    this.#exemptReads = queue(limits.maxReadsInFlight, mayRead);
    this.#exemptWrites = queue(limits.maxWritesInFlight);
    this.metrics = new FlowMetrics(
      () => ({
        taken: this.#queues().reduce((sum, { taken }) => sum + taken, 0),
        total: 2 * (limits.maxReadsInFlight + limits.maxWritesInFlight),
      }),
      () => this.#held.total,
    );
  }

  /** Requests at work now. */
  get inFlight(): { readonly reads: number; readonly writes: number } {
    return { reads: this.#readsNow, writes: this.#writesNow };
  }

  /** Does a request's work when its turn comes. 429 in plain text where there is too much to do before. */
  async run(request: FlowingRequest): Promise<ApiResponse> {
    const { served, work } = request;
    const { info, user, inProcess } = served;
    const { peer } = served.request;
    const flow = flowOf({ user, inProcess, address: peer.kind === 'connection' ? peer.address : '' }, info);
    if (flow === undefined) return work();
    const write = info.kind === 'resource' && !READS.has(info.verb);
    if (!write) return this.#inTurn(flow, request, write);
    const letGo = await this.#readAhead(flow, request);
    if (letGo === undefined) return this.#refused(flow, 'bytes', served);
    try {
      return await this.#inTurn(flow, request, write);
    } finally {
      letGo();
    }
  }

  /** Reads a body that comes over a connection; the answer forgets it. Undefined where its user holds too much. */
  async #readAhead(flow: RequestFlow, { served, route }: FlowingRequest): Promise<(() => void) | undefined> {
    const { body, headers } = served.request;
    if (body.kind !== 'stream' || route === undefined || route.kind.startsWith('unknown-')) return nothing;
    const told = headerOf(headers, 'content-length');
    const { maxBodyBytes } = this.#limits;
    // one that is too large is not read at all
    const bytes = told === '' ? UNTOLD_BODY_BYTES : Number(told) > maxBodyBytes ? 0 : Number(told);
    if (!flow.patient && !this.#held.mayHold(flow.user, bytes)) return undefined;
    const letGo = this.#held.hold(flow.user, bytes);
    try {
      await served.readAhead(maxBodyBytes);
      return letGo;
    } catch (error) {
      letGo();
      throw error;
    }
  }

  async #inTurn(flow: RequestFlow, request: FlowingRequest, write: boolean): Promise<ApiResponse> {
    const { served, route } = request;
    const listed = route?.kind === 'collection';
    const seats = write ? bytesIn(served) / BODY_BYTES_PER_SEAT : listed ? this.#costs.seatsOf(served.info) : 1;
    const queue = this.#queueFor(flow, write);
    const lease = queue.tryEnter(flow, seats) ?? (await this.#waited(queue, flow, seats, request));
    if (typeof lease === 'string') return this.#refused(flow, lease, served);
    this.#count(write, 1);
    this.metrics.began(flow);
    try {
      request.deadline.assertTime();
      const answer = await request.work();
      request.deadline.assertTime();
      return answer.body.kind === 'bytes'
        ? this.#counted(flow, served, answer, answer.body.bytes.length, listed)
        : answer;
    } finally {
      this.metrics.ended(flow);
      this.#count(write, -1);
      lease.release();
    }
  }

  async #waited(
    queue: FairQueue,
    flow: RequestFlow,
    seats: number,
    { served, deadline }: FlowingRequest,
  ): Promise<Lease | QueueRefusal> {
    const begun = this.#clock.now();
    this.metrics.queued(flow);
    const waiting = queue.wait(flow, seats);
    // a part of this process shares one signal among all that it does, and is let in soon
    const signal = served.inProcess ? undefined : served.request.signal;
    const cancel = (): void => waiting.cancel();
    deadline.onExpiry(cancel);
    signal?.addEventListener('abort', cancel, { once: true });
    if (signal?.aborted === true) cancel();
    const outcome = await waiting.outcome;
    deadline.onExpiry(nothing);
    signal?.removeEventListener('abort', cancel);
    this.metrics.unqueued(flow, (this.#clock.now() - begun) / 1000, typeof outcome !== 'string');
    return outcome;
  }

  /** Over a connection, the bytes of an answer count until it has gone. */
  #counted(flow: RequestFlow, served: ServedRequest, answer: ApiResponse, bytes: number, listed: boolean): ApiResponse {
    if (listed && answer.status === 200) this.#costs.learn(served.info, bytes);
    if (served.inProcess) return answer;
    return { ...answer, onGone: this.#held.hold(flow.user, bytes) };
  }

  #refused(flow: RequestFlow, reason: FlowRefusal, served: ServedRequest): ApiResponse {
    this.metrics.rejected(flow, reason);
    if (reason === 'cancelled') throw new CountersignError('ABORTED', 'Cannot answer: the client gave up');
    return respondText(served, 429, 'Too many requests, please try again later.', { 'retry-after': '1' });
  }

  #count(write: boolean, by: number): void {
    if (write) this.#writesNow += by;
    else this.#readsNow += by;
  }

  #queueFor(flow: RequestFlow, write: boolean): FairQueue {
    if (flow.level.name === 'exempt') return write ? this.#exemptWrites : this.#exemptReads;
    return write ? this.#writes : this.#reads;
  }

  #queues(): readonly FairQueue[] {
    return [this.#reads, this.#writes, this.#exemptReads, this.#exemptWrites];
  }
}

/** Bytes of a body that has been read. */
function bytesIn({ request: { body } }: ServedRequest): number {
  return body.kind === 'bytes' ? body.bytes.length : 0;
}

function nothing(): void {
  // nothing is held, nothing is to be cancelled
}
