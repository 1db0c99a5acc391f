declare const unixSeconds: unique symbol;

/** Whole seconds since 1970-01-01T00:00:00Z, as X.509 and the Kubernetes API count time. */
export type UnixSeconds = number & { readonly [unixSeconds]: true };

/** Brands a number of seconds; drops a fraction. Refuses what is not finite. */
export function toUnixSeconds(seconds: number): UnixSeconds {
  if (!Number.isFinite(seconds)) throw new RangeError(`Not a time: ${seconds}`);
  return Math.floor(seconds) as UnixSeconds; // floored just above
}

/** Time, passed in, so that tests and rehearsals can set it. */
export interface Clock {
  /** Milliseconds since 1970-01-01T00:00:00Z, with a fraction where the platform has one. */
  now(): number;
  /** Calls `callback` once after `delayMs`; the answer cancels it. Never keeps a process alive by itself. */
  schedule(delayMs: number, callback: () => void): () => void;
}

/** The clock's time in whole seconds. */
export function secondsOf(clock: Clock): UnixSeconds {
  return toUnixSeconds(clock.now() / 1000);
}

/** Resolves after `delayMs` of `clock` time, or at once (without throwing) when `signal` aborts. */
export function delay(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted === true) return Promise.resolve();
  return new Promise((resolve) => {
    const finish = (): void => {
      cancel();
      signal?.removeEventListener('abort', finish);
      resolve();
    };
    const cancel = clock.schedule(delayMs, finish);
    signal?.addEventListener('abort', finish, { once: true });
  });
}
