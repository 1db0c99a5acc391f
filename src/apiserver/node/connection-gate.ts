import type { Socket } from 'node:net';

/** How many connections may be in their handshakes. Times in milliseconds. */
export interface GateLimits {
  readonly maxHandshakes: number;
  readonly maxHandshakesPerAddress: number;
  /** Connections that wait for their handshake. */
  readonly maxWaiting: number;
  /**
   * While others wait, a handshake that takes longer is ended: who stays silent must not keep anybody out. The more wait, the
   * sooner.
   */
  readonly patienceMs: number;
}

interface Begun {
  readonly address: string;
  readonly sinceMs: number;
}

/**
 * Lets new connections begin their handshakes, a few at a time and by turns between addresses: a handshake costs more
 * than most requests, and nobody is known yet by anything but an address. A flood of them takes its share of each turn
 * of the event loop, and no more.
 */
export class ConnectionGate {
  readonly #limits: GateLimits;
  readonly #now: () => number;
  readonly #begin: (socket: Socket) => void;
  /** In the order in which they began. */
  readonly #begun = new Map<Socket, Begun>();
  readonly #waiting = new Map<string, Socket[]>();
  #waitingCount = 0;

  /** `begin` starts a handshake; whoever knows that it is over, well or badly, calls `done`. */
  constructor(limits: GateLimits, now: () => number, begin: (socket: Socket) => void) {
    this.#limits = limits;
    this.#now = now;
    this.#begin = begin;
  }

  /** Connections whose handshake has not begun. */
  get waiting(): number {
    return this.#waitingCount;
  }

  /** Handshakes at work. */
  get begun(): number {
    return this.#begun.size;
  }

  /** Takes in a connection that sends and gets nothing yet. */
  arrive(socket: Socket): void {
    const address = socket.remoteAddress ?? '';
    let line = this.#waiting.get(address);
    if (line === undefined) {
      line = [];
      this.#waiting.set(address, line);
    }
    line.push(socket);
    this.#waitingCount++;
    if (this.#waitingCount > this.#limits.maxWaiting) this.#dropOne();
    this.serve();
  }

  /** A handshake is over, or its connection is. Idempotent. */
  done(socket: Socket): void {
    if (this.#begun.delete(socket)) this.serve();
    else this.#leave(socket);
  }

  /** Begins what may begin, and ends what keeps others out; also to be called from time to time. */
  serve(): void {
    if (this.#waitingCount === 0) return;
    this.#endSilent();
    for (let progress = true; progress;) {
      progress = false;
      for (const [address, line] of [...this.#waiting]) {
        if (this.#begun.size >= this.#limits.maxHandshakes) return;
        if (this.#begunBy(address) >= this.#limits.maxHandshakesPerAddress) continue;
        const socket = line[0];
        if (socket === undefined) continue;
        this.#leave(socket);
        this.#toTheEnd(address, line);
        this.#begun.set(socket, { address, sinceMs: this.#now() });
        this.#begin(socket);
        progress = true;
      }
    }
  }

  /** Ends everything that has not come through. */
  close(): void {
    const sockets = [...this.#begun.keys(), ...[...this.#waiting.values()].flat()];
    this.#begun.clear();
    this.#waiting.clear();
    this.#waitingCount = 0;
    for (const socket of sockets) socket.destroy();
  }

  #begunBy(address: string): number {
    let count = 0;
    for (const begun of this.#begun.values()) if (begun.address === address) count++;
    return count;
  }

  /** Makes room for those who wait, where there is none: for all of them among all, for an address's own among its own. */
  #endSilent(): void {
    const crowd = this.#waitingCount / this.#limits.maxHandshakesPerAddress;
    const before = this.#now() - this.#limits.patienceMs / (1 + crowd);
    const full = this.#begun.size >= this.#limits.maxHandshakes;
    let wanted = this.#waitingCount;
    for (const [socket, { address, sinceMs }] of this.#begun) {
      if (sinceMs > before || wanted === 0) return;
      if (!full && !this.#waiting.has(address)) continue;
      wanted--;
      this.#begun.delete(socket);
      socket.destroy();
    }
  }

  /** The address with most in line loses its last. */
  #dropOne(): void {
    let longest: Socket[] | undefined;
    for (const line of this.#waiting.values()) if (line.length > (longest?.length ?? 0)) longest = line;
    const last = longest?.at(-1);
    if (last === undefined) return;
    this.#leave(last);
    last.destroy();
  }

  /** The next turn is another address's. */
  #toTheEnd(address: string, line: Socket[]): void {
    if (this.#waiting.delete(address)) this.#waiting.set(address, line);
  }

  #leave(socket: Socket): void {
    for (const [address, line] of this.#waiting) {
      const at = line.indexOf(socket);
      if (at < 0) continue;
      line.splice(at, 1);
      this.#waitingCount--;
      if (line.length === 0) this.#waiting.delete(address);
      return;
    }
  }
}
