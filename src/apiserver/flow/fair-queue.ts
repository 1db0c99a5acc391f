import type { Clock } from '../../base/clock.js';

/** A class of requests, with a share of the server. */
export interface PriorityLevel {
  readonly name: string;
  /** How much of the server it gets when all levels want more than there is. */
  readonly weight: number;
}

/** Requests that are served in order, one flow beside the other: those of one user at one level. */
export interface FlowKey {
  readonly level: PriorityLevel;
  readonly user: string;
  /** It waits for as long as it takes and is never refused: its own number is bounded elsewhere. */
  readonly patient: boolean;
}

/** How much one queue takes on. */
export interface QueueLimits {
  /** Seats that are taken at once, by all. */
  readonly seats: number;
  /** Requests that wait, by all. */
  readonly maxQueued: number;
  /** Requests of one flow that wait. */
  readonly maxQueuedPerFlow: number;
  readonly maxWaitMs: number;
}

/** Why a request gets no seat. */
export type QueueRefusal = 'queue-full' | 'time-out' | 'cancelled';

/** Seats that are taken until they are given back. */
export interface Lease {
  /** Gives the seats back, once. */
  release(): void;
}

/** A request that waits. `cancel` takes it out, which is a refusal; too late, it does nothing. */
export interface Waiting {
  readonly outcome: Promise<Lease | QueueRefusal>;
  cancel(): void;
}

interface Ticket {
  readonly flow: Flow;
  readonly seats: number;
  readonly settle: (outcome: Lease | QueueRefusal) => void;
}

interface Flow {
  readonly key: FlowKey;
  readonly level: Level;
  /** What it has had, in seats times milliseconds. */
  served: number;
  seatsTaken: number;
  readonly queue: Ticket[];
}

interface Level {
  readonly level: PriorityLevel;
  /** What it has had, divided by its weight. */
  served: number;
  /** Where the flow stood that was let in last: a flow that comes anew begins there, and has nothing saved up. */
  reached: number;
  queued: number;
  readonly flows: Map<string, Flow>;
}

/** Flows that are remembered, so that what they had counts against them when they come again. */
const MAX_FLOWS = 1024;
/** What a request has had at least. */
const LEAST_MS = 1;

/**
 * Seats for requests, and a queue before them. Who waits is let in by start-time fair queueing, twice: the level that
 * has had least for its weight, and in it the flow that has had least. One flow takes at most half of the seats, so
 * that somebody else's next request finds a free one, and so that a large one does not wait for ever behind small ones.
 */
export class FairQueue {
  readonly #limits: QueueLimits;
  readonly #clock: Clock;
  readonly #mayRun: (user: string) => boolean;
  readonly #nextTurn: (callback: () => void) => void;
  readonly #levels = new Map<string, Level>();
  #reached = 0;
  #taken = 0;
  #queued = 0;
  #willServe = false;

  /**
   * `mayRun`: whether another request of a user may begin; when that changes, `serveSoon` must be called. `nextTurn`: calls
   * back once everybody who is at the door has been let into the line.
   */
  constructor(
    limits: QueueLimits,
    clock: Clock,
    mayRun: (user: string) => boolean = () => true,
    nextTurn: (callback: () => void) => void = (callback) => callback(),
  ) {
    this.#limits = limits;
    this.#clock = clock;
    this.#mayRun = mayRun;
    this.#nextTurn = nextTurn;
  }

  /** Seats that are taken now. */
  get taken(): number {
    return this.#taken;
  }

  /** Requests that wait now. */
  get queued(): number {
    return this.#queued;
  }

  /** The most that one request can take. */
  get mostSeats(): number {
    return Math.max(1, Math.floor(this.#limits.seats / 2));
  }

  /** Takes seats where nobody waits and enough are free; undefined otherwise. */
  tryEnter(key: FlowKey, seats: number): Lease | undefined {
    if (this.#queued > 0) return undefined;
    const flow = this.#flowOf(key);
    const wanted = this.#wanted(seats);
    if (!this.#fits(wanted) || !this.#isReady(flow, wanted)) return undefined;
    return this.#letIn(flow, wanted);
  }

  /** Waits for seats. Where too many wait already, the flow that has most of them loses its last. */
  wait(key: FlowKey, seats: number): Waiting {
    const flow = this.#flowOf(key);
    let cancelTimer = (): void => undefined;
    let settle: (outcome: Lease | QueueRefusal) => void = () => undefined;
    const outcome = new Promise<Lease | QueueRefusal>((resolve) => {
      settle = (settled) => {
        cancelTimer();
        resolve(settled);
      };
    });
    const ticket: Ticket = { flow, seats: this.#wanted(seats), settle };
    flow.queue.push(ticket);
    flow.level.queued++;
    this.#queued++;
    if (!key.patient) {
      cancelTimer = this.#clock.schedule(this.#limits.maxWaitMs, () => this.#refuse(ticket, 'time-out'));
      this.#makeRoom(flow);
    }
    this.serveSoon();
    return { outcome, cancel: () => this.#refuse(ticket, 'cancelled') };
  }

  /** Lets in whom there are seats for, once who has come meanwhile is in line, too. */
  serveSoon(): void {
    if (this.#queued === 0 || this.#willServe) return;
    this.#willServe = true;
    this.#nextTurn(() => {
      this.#willServe = false;
      this.#serve();
    });
  }

  #serve(): void {
    while (this.#queued > 0) {
      const flow = this.#next();
      const ticket = flow?.queue[0];
      if (flow === undefined || ticket === undefined || !this.#fits(ticket.seats)) return;
      flow.queue.shift();
      flow.level.queued--;
      this.#queued--;
      ticket.settle(this.#letIn(flow, ticket.seats));
    }
  }

  #wanted(seats: number): number {
    return Math.max(1, Math.min(Math.ceil(seats), this.mostSeats));
  }

  #fits(seats: number): boolean {
    return this.#taken === 0 || this.#taken + seats <= this.#limits.seats;
  }

  #isReady(flow: Flow, seats: number): boolean {
    return (flow.seatsTaken === 0 || flow.seatsTaken + seats <= this.mostSeats) && this.#mayRun(flow.key.user);
  }

  /** The flow whose turn it is, among those that may take more. */
  #next(): Flow | undefined {
    let next: Flow | undefined;
    let least = Infinity;
    for (const level of this.#levels.values()) {
      if (level.queued === 0) continue;
      const start = Math.max(level.served, this.#reached);
      if (start >= least) continue;
      const flow = this.#nextOf(level);
      if (flow === undefined) continue;
      next = flow;
      least = start;
    }
    return next;
  }

  #nextOf(level: Level): Flow | undefined {
    let next: Flow | undefined;
    let least = Infinity;
    for (const flow of level.flows.values()) {
      const [first] = flow.queue;
      if (first === undefined) continue;
      const start = Math.max(flow.served, level.reached);
      if (start >= least || !this.#isReady(flow, first.seats)) continue;
      next = flow;
      least = start;
    }
    return next;
  }

  #letIn(flow: Flow, seats: number): Lease {
    const { level } = flow;
    level.reached = Math.max(flow.served, level.reached);
    this.#reached = Math.max(level.served, this.#reached);
    flow.served = level.reached;
    level.served = this.#reached;
    this.#charge(flow, seats * LEAST_MS);
    flow.seatsTaken += seats;
    this.#taken += seats;
    const begun = this.#clock.now();
    let held = true;
    return {
      release: () => {
        if (!held) return;
        held = false;
        this.#charge(flow, seats * Math.max(0, this.#clock.now() - begun));
        flow.seatsTaken -= seats;
        this.#taken -= seats;
        this.#forgetIfIdle(flow);
        this.serveSoon();
      },
    };
  }

  #charge(flow: Flow, amount: number): void {
    flow.served += amount;
    flow.level.served += amount / flow.level.level.weight;
  }

  #refuse(ticket: Ticket, reason: QueueRefusal): void {
    const { flow } = ticket;
    const at = flow.queue.indexOf(ticket);
    if (at < 0) return;
    flow.queue.splice(at, 1);
    flow.level.queued--;
    this.#queued--;
    this.#forgetIfIdle(flow);
    ticket.settle(reason);
    this.serveSoon();
  }

  #makeRoom(flow: Flow): void {
    let loser: Flow | undefined;
    if (flow.queue.length > this.#limits.maxQueuedPerFlow) loser = flow;
    else if (this.#queued > this.#limits.maxQueued) loser = this.#longest(flow);
    const last = loser?.queue.at(-1);
    if (last !== undefined) this.#refuse(last, 'queue-full');
  }

  /** The impatient flow with most in the queue; `flow` itself where none has more. */
  #longest(flow: Flow): Flow {
    let longest = flow;
    for (const { flows } of this.#levels.values()) {
      for (const other of flows.values()) {
        if (!other.key.patient && other.queue.length > longest.queue.length) longest = other;
      }
    }
    return longest;
  }

  #flowOf(key: FlowKey): Flow {
    let level = this.#levels.get(key.level.name);
    if (level === undefined) {
      level = { level: key.level, served: 0, reached: 0, queued: 0, flows: new Map() };
      this.#levels.set(key.level.name, level);
    }
    let flow = level.flows.get(key.user);
    if (flow === undefined) {
      flow = { key, level, served: level.reached, seatsTaken: 0, queue: [] };
      level.flows.set(key.user, flow);
    }
    return flow;
  }

  /** What it had is remembered while it stands for something, and not of too many. */
  #forgetIfIdle(flow: Flow): void {
    if (flow.seatsTaken > 0 || flow.queue.length > 0) return;
    const { level } = flow;
    if (flow.served <= level.reached || level.flows.size > MAX_FLOWS) level.flows.delete(flow.key.user);
  }
}
