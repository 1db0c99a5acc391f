import type { Random } from '../../base/bytes.js';
import { secondsOf, type Clock } from '../../base/clock.js';
import { messageOf } from '../../base/error.js';
import type { Logger } from '../../base/logger.js';
import { isExpired } from '../../client/api-failure.js';
import { createWorkQueue, type WorkQueue } from '../../client/work-queue.js';
import type { Controller, Followed } from './controller.js';

/** Counts what the loops do; all of it optional to look at. */
export interface ControllerMetrics {
  /** A key was worked on. */
  reconciled(controller: string, outcome: 'done' | 'wait' | 'retry' | 'error', seconds: number): void;
  /** Keys waiting for a worker, after a change. */
  queueDepth(controller: string, depth: number): void;
}

/** What the loops run in. */
export interface RuntimeOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly metrics?: ControllerMetrics;
  /** How long a shutdown waits for work in progress before it is told to stop. Default 10. */
  readonly drainSeconds?: number;
}

/** Controllers that have been started. */
export interface RunningControllers {
  /**
   * Resolves when every cache has held everything once and work has begun, late ones excepted, or when it never will
   * because of `signal`.
   */
  readonly ready: Promise<void>;
  /** Resolves when everything has ended, after `signal` aborted. Never rejects. */
  readonly ended: Promise<void>;
}

/**
 * Runs controllers and their caches until `signal` aborts; then no new work begins and work in progress is drained. A
 * cache that several controllers watch is run once. Late ones begin when the others work.
 */
export function runControllers(
  controllers: readonly Controller[],
  options: RuntimeOptions,
  signal: AbortSignal,
): RunningControllers {
  const first = runTogether(
    controllers.filter(({ late }) => !late),
    options,
    signal,
  );
  const rest = controllers.filter(({ late }) => late);
  const restEnded = first.ready.then(() => (signal.aborted ? undefined : runTogether(rest, options, signal).ended));
  return { ready: first.ready, ended: Promise.all([first.ended, restEnded]).then(() => undefined) };
}

function runTogether(
  controllers: readonly Controller[],
  options: RuntimeOptions,
  signal: AbortSignal,
): RunningControllers {
  const stopped = new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
  const informers = new Set<Followed>();
  for (const { watches } of controllers) for (const { informer } of watches) informers.add(informer);
  // Caches stay up while work drains. A signal each, for one signal would collect the listeners of all.
  const following = [...informers].map((informer) => {
    const end = new AbortController();
    reportTroubles(informer, options.logger);
    return { end, ended: informer.run(end.signal) };
  });
  const loops = controllers.map((controller) => runLoop(controller, options, signal, stopped));
  const ended = stopped.then(async () => {
    await Promise.all(loops.map((loop) => loop.ended));
    for (const { end } of following) end.abort();
    await Promise.all(following.map((cache) => cache.ended));
  });
  return { ready: Promise.all(loops.map((loop) => loop.ready)).then(() => undefined), ended };
}

/** Says when a cache cannot follow the server, and when it can again. */
export function reportTroubles(informer: Followed, logger: Logger): void {
  let troubled = false;
  informer.onState((state) => {
    if (state.kind === 'waiting') {
      const fields = { resource: informer.resource, error: messageOf(state.because), delayMs: state.delayMs };
      // A version that is no longer kept is part of the protocol.
      if (isExpired(state.because)) logger.info('Will read resource anew', fields);
      else logger.warn('Cannot follow resource', fields);
      troubled = true;
    } else if (state.kind === 'watching' && troubled) {
      troubled = false;
      logger.info('Follows resource again', { resource: informer.resource });
    }
  });
}

function runLoop(
  controller: Controller,
  options: RuntimeOptions,
  signal: AbortSignal,
  stopped: Promise<void>,
): RunningControllers {
  const { clock, random, metrics, drainSeconds = 10 } = options;
  const logger = options.logger.with({ controller: controller.name });
  const queue = createWorkQueue({
    clock,
    random,
    concurrency: controller.concurrency,
    work: (key, workSignal) => workOn(controller, key, { ...options, logger }, queue, workSignal),
    onError: (key, error) => {
      logger.error('Reconciler failed', { key, error: messageOf(error) });
    },
    ...(controller.groupOf === undefined ? {} : { groupOf: controller.groupOf }),
    ...(metrics === undefined ? {} : { onDepth: (depth) => metrics.queueDepth(controller.name, depth) }),
  });
  const subscriptions = controller.watches.map((watch) => watch.subscribe((key) => queue.add(key)));
  const synced = Promise.all(controller.watches.map(({ informer }) => informer.synced));
  const ready = Promise.race([synced, stopped]).then(() => {
    if (signal.aborted) return;
    // Before any work begins, so that nothing is worked on twice at the start.
    startResync(controller, clock, queue, signal);
    queue.start();
    logger.info('Started controller');
  });
  const ended = stopped.then(async () => {
    for (const unsubscribe of subscriptions) unsubscribe();
    await queue.drain(drainSeconds * 1000);
    metrics?.queueDepth(controller.name, 0);
    try {
      await controller.close();
    } catch (error) {
      logger.error('Could not close controller', { error: messageOf(error) });
    }
    logger.info('Stopped controller');
  });
  return { ready, ended };
}

function startResync({ resync }: Controller, clock: Clock, queue: WorkQueue, signal: AbortSignal): void {
  if (resync === undefined) return;
  const tick = (): void => {
    if (signal.aborted) return;
    for (const key of resync.keys()) queue.add(key);
    const cancel = clock.schedule(resync.seconds * 1000, () => {
      signal.removeEventListener('abort', cancel);
      tick();
    });
    signal.addEventListener('abort', cancel, { once: true });
  };
  tick();
}

/** Works on one key once, and says when to look again. */
async function workOn(
  controller: Controller,
  key: string,
  { clock, logger, metrics }: RuntimeOptions,
  queue: WorkQueue,
  signal: AbortSignal,
): Promise<void> {
  const startedAt = clock.now();
  const report = (outcome: 'done' | 'wait' | 'retry' | 'error'): void =>
    metrics?.reconciled(controller.name, outcome, (clock.now() - startedAt) / 1000);
  try {
    const result = await controller.reconcile(key, secondsOf(clock), signal);
    switch (result.kind) {
      case 'done':
        queue.forget(key);
        break;
      case 'wait':
        queue.forget(key);
        queue.addAfter(key, result.delayMs);
        logger.debug('Waits for key', { key, because: result.because, delayMs: result.delayMs });
        break;
      case 'retry': {
        const delayMs = result.delayMs ?? queue.retry(key);
        if (result.delayMs !== undefined) queue.addAfter(key, result.delayMs);
        logger.info('Will try key again', { key, because: result.because, delayMs });
        break;
      }
    }
    report(result.kind);
  } catch (error) {
    const delayMs = queue.retry(key);
    // A shutdown gives up calls in progress; that is no failure.
    if (!signal.aborted) logger.warn('Failed on key', { key, error: messageOf(error), delayMs });
    report('error');
  }
}
