import type { Client, ClientDuplexStream, Metadata } from '@grpc/grpc-js';

import { EtcdFailure, failureOf } from './failure.js';
import type { Grpc } from './member-client.js';

/** A method of etcd: its path, and how its answer is read. */
export interface Method<T> {
  readonly path: string;
  readonly decode: (bytes: Uint8Array) => T;
}

/** A running stream of messages. */
export interface MessageStream {
  /** The member it comes from. */
  readonly endpoint: string;
  send(request: Buffer): void;
  /** No message comes after this. */
  cancel(): void;
}

/** What a stream tells. */
export interface StreamReceiver<T> {
  onMessage(message: T): void;
  /** It is over, and not by `cancel`. */
  onEnd(failure: EtcdFailure): void;
}

/** How long things take at most. */
export interface Patience {
  /** A whole operation, with its repetitions. */
  readonly operationMs: number;
  /** One attempt of a read; then another member is asked. */
  readonly attemptMs: number;
  /** Waiting for any member to be reachable. */
  readonly connectMs: number;
}

/** One member of the cluster and the connection to it. */
class Member {
  readonly endpoint: string;
  readonly client: Client;
  readonly streams = new Set<() => void>();
  /** Others are preferred until then: it did not answer, or said that it cannot. */
  suspectUntil = 0;

  constructor(endpoint: string, client: Client) {
    this.endpoint = endpoint;
    this.client = client;
  }
}

interface Waiting {
  readonly since: number;
  readonly resolve: (member: Member) => void;
  readonly reject: (failure: EtcdFailure) => void;
}

/** Between two looks for a member that can be reached. */
const LOOK_MS = 20;
/** So long a suspect is passed over for members that are still being connected to. */
const SUSPECT_GRACE_MS = 500;
const SUSPECT_MS = 2000;
/** Between two attempts; doubles up to the second. */
const FIRST_PAUSE_MS = 20;
const LAST_PAUSE_MS = 500;
/** No attempt gets less time: it would end without an answer, and nobody would know what it did. */
const SHORTEST_ATTEMPT_MS = 250;

/**
 * The members of an etcd cluster: calls go to one of them, and to another when that one cannot be reached, does not
 * answer or has no leader. Reads are repeated until time is up. Writes are repeated only when it is certain that they
 * were not made.
 */
export class Members {
  readonly #grpc: Grpc;
  readonly #members: readonly Member[];
  readonly #metadata: Metadata;
  readonly #patience: Patience;
  #current = 0;
  readonly #waiting = new Set<Waiting>();
  readonly #timers = new Map<NodeJS.Timeout, () => void>();
  #looking = false;
  #closed = false;

  constructor(grpc: Grpc, clients: readonly (readonly [endpoint: string, client: Client])[], patience: Patience) {
    this.#grpc = grpc;
    this.#patience = patience;
    this.#members = clients.map(([endpoint, client]) => new Member(endpoint, client));
    this.#metadata = new grpc.Metadata();
    // a member that has lost its leader says so at once, and ends its streams, instead of falling behind in silence
    this.#metadata.set('hasleader', 'true');
  }

  /** Every member, by its endpoint. */
  get endpoints(): readonly string[] {
    return this.#members.map(({ endpoint }) => endpoint);
  }

  /** Asks until there is an answer or time is up. */
  async read<T>(method: Method<T>, request: Buffer): Promise<T> {
    return this.#attempt(method, request, this.#patience.attemptMs, (failure) => failure.kind === 'unknown');
  }

  /** Does something that must not be done twice. `since` is when it was asked for, where it had to wait for others. */
  async write<T>(method: Method<T>, request: Buffer, since: number): Promise<T> {
    const { operationMs } = this.#patience;
    if (Date.now() - since >= operationMs) throw new EtcdFailure('not-now', 'etcd was busy with what was asked before');
    return this.#attempt(method, request, operationMs, () => false);
  }

  /** Asks one member, once. */
  async ask<T>(endpoint: string, method: Method<T>, request: Buffer, timeoutMs: number): Promise<T> {
    const member = this.#members.find((one) => one.endpoint === endpoint);
    if (member === undefined) throw new RangeError(`Not a member: ${endpoint}`);
    return this.#call(member, method, request, Date.now() + timeoutMs);
  }

  /** Opens a stream to a member that can be reached. */
  async stream<T>(method: Method<T>, receiver: StreamReceiver<T>): Promise<MessageStream> {
    const member = this.#ready() ?? (await this.#reachable());
    let over = false;
    const call: ClientDuplexStream<Buffer, T> = member.client.makeBidiStreamRequest(
      method.path,
      asIs,
      method.decode,
      this.#metadata,
    );
    const end = (error: unknown): void => {
      member.streams.delete(abandon);
      if (over) return;
      over = true;
      const failure = failureOf(error, member.endpoint);
      this.#suspect(member);
      receiver.onEnd(failure);
    };
    const abandon = (): void => {
      end(new EtcdFailure('unknown', `etcd at ${member.endpoint} did not answer`, true));
      call.cancel();
    };
    member.streams.add(abandon);
    call.on('data', (message: T) => {
      if (!over) receiver.onMessage(message);
    });
    call.on('error', end);
    call.on('end', () => end(new EtcdFailure('unknown', `etcd at ${member.endpoint} ended the stream`)));
    return {
      endpoint: member.endpoint,
      send: (request) => void call.write(request),
      cancel: () => {
        over = true;
        member.streams.delete(abandon);
        call.cancel();
      },
    };
  }

  /** Resolves after a time, or at once when this is closed. */
  pause(ms: number): Promise<void> {
    return new Promise((resolve) => this.#schedule(ms, resolve));
  }

  /** Ends connections, streams and whatever waits. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const { reject } of this.#waiting) reject(closed());
    this.#waiting.clear();
    for (const [timer, callback] of [...this.#timers]) {
      clearTimeout(timer);
      callback();
    }
    this.#timers.clear();
    for (const { client } of this.#members) client.close();
  }

  async #attempt<T>(
    method: Method<T>,
    request: Buffer,
    attemptMs: number,
    again: (failure: EtcdFailure) => boolean,
  ): Promise<T> {
    const end = Date.now() + this.#patience.operationMs;
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LAST_PAUSE_MS)) {
      const member = this.#ready() ?? (await this.#reachable());
      try {
        const now = Date.now();
        const deadline = Math.max(Math.min(end, now + attemptMs), now + SHORTEST_ATTEMPT_MS);
        return await this.#call(member, method, request, deadline);
      } catch (error) {
        const failure = failureOf(error, member.endpoint);
        if (failure.kind === 'not-now' || failure.kind === 'unknown') this.#suspect(member, failure.silent);
        const repeat = failure.kind === 'not-now' || again(failure);
        if (!repeat || this.#closed || Date.now() + pauseMs + SHORTEST_ATTEMPT_MS >= end) throw failure;
        await this.pause(pauseMs);
      }
    }
  }

  #call<T>(member: Member, method: Method<T>, request: Buffer, deadline: number): Promise<T> {
    return new Promise((resolve, reject) => {
      if (this.#closed) {
        reject(closed());
        return;
      }
      const { client } = member;
      client.makeUnaryRequest(
        method.path,
        asIs,
        method.decode,
        request,
        this.#metadata,
        { deadline },
        (error, response) => {
          if (response !== undefined) resolve(response);
          else reject(failureOf(error, member.endpoint));
        },
      );
    });
  }

  /** The current member, where calls can go to it at once. */
  #ready(): Member | undefined {
    const member = this.#members[this.#current];
    if (member === undefined || this.#closed) return undefined;
    const ready = this.#isReady(member) && (member.suspectUntil === 0 || member.suspectUntil <= Date.now());
    return ready ? member : undefined;
  }

  #isReady(member: Member): boolean {
    return member.client.getChannel().getConnectivityState(true) === this.#grpc.connectivityState.READY;
  }

  #reachable(): Promise<Member> {
    if (this.#closed) return Promise.reject(closed());
    return new Promise((resolve, reject) => {
      this.#waiting.add({ since: Date.now(), resolve, reject });
      if (this.#looking) return;
      this.#looking = true;
      this.#look();
    });
  }

  /** Looks for a member that can be reached, again and again while somebody waits for one. */
  #look(): void {
    const now = Date.now();
    const ready = this.#members
      .map((_, i) => (this.#current + i) % this.#members.length)
      .filter((i) => this.#isReadyAt(i));
    const sound = ready.find((i) => (this.#members[i]?.suspectUntil ?? 0) <= now);
    for (const waiting of [...this.#waiting]) {
      const waited = now - waiting.since;
      const others = ready.length < this.#members.length && waited < SUSPECT_GRACE_MS && this.#members.length > 1;
      const index = sound ?? (others ? undefined : ready[0]);
      const member = index === undefined ? undefined : this.#members[index];
      if (member !== undefined && index !== undefined) {
        this.#current = index;
        waiting.resolve(member);
      } else if (waited >= this.#patience.connectMs) {
        void this.#unreachable().then(waiting.reject);
      } else continue;
      this.#waiting.delete(waiting);
    }
    this.#looking = this.#waiting.size > 0;
    if (this.#looking) this.#schedule(LOOK_MS, () => this.#look());
  }

  /** Why nobody can be reached, as far as each connection says. */
  async #unreachable(): Promise<EtcdFailure> {
    const reasons = this.#members.map(async (member) => {
      try {
        await this.#call(
          member,
          { path: '/etcdserverpb.Maintenance/Status', decode: asIs },
          NOTHING,
          Date.now() + LOOK_MS * 10,
        );
        return `etcd at ${member.endpoint} answers again`;
      } catch (error) {
        return failureOf(error, member.endpoint).message;
      }
    });
    return new EtcdFailure('not-now', (await Promise.all(reasons)).join('; '));
  }

  #isReadyAt(index: number): boolean {
    const member = this.#members[index];
    return member !== undefined && this.#isReady(member);
  }

  /** Prefers others for a while; a member that does not answer loses its streams as well. */
  #suspect(member: Member, silent = false): void {
    member.suspectUntil = Date.now() + SUSPECT_MS;
    if (!silent) return;
    for (const abandon of [...member.streams]) abandon();
  }

  #schedule(ms: number, callback: () => void): void {
    if (this.#closed) {
      callback();
      return;
    }
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      callback();
    }, ms);
    this.#timers.set(timer, callback);
  }
}

function closed(): EtcdFailure {
  return new EtcdFailure('broken', 'the connection is closed');
}

function asIs<T>(bytes: T): T {
  return bytes;
}

const NOTHING = Buffer.alloc(0);
