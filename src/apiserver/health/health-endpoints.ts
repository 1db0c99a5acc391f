import { messageOf } from '../../base/error.js';
import type { Logger } from '../../base/logger.js';
import type { Query } from '../routing/query.js';
import type { HealthCheck } from './health-check.js';

/** The three roots. `/healthz` asks what `/readyz` asks. */
export type HealthRoot = 'livez' | 'readyz' | 'healthz';

/** An answer in text. */
export interface HealthAnswer {
  readonly status: number;
  readonly text: string;
}

interface Outcome {
  readonly line: string;
  readonly ok: boolean;
}

/** The health endpoints over a closed set of checks. The reason of a failure goes to the log, never to the client. */
export class HealthEndpoints {
  readonly #checks: readonly HealthCheck[];
  readonly #logger: Logger;

  constructor(checks: readonly HealthCheck[], logger: Logger) {
    this.#checks = checks;
    this.#logger = logger;
  }

  /** Paths of every root and every single check, for `/`. */
  paths(): readonly string[] {
    return HEALTH_ROOTS.flatMap((root) => [
      `/${root}`,
      ...this.#checksOf(root).map((check) => `/${root}/${check.name}`),
    ]);
  }

  /** Answers `/livez` and the like, or one check of theirs; undefined when there is no such check. */
  async answer(root: HealthRoot, name: string, query: Query): Promise<HealthAnswer | undefined> {
    const checks = this.#checksOf(root);
    if (name !== '') {
      const check = checks.find((c) => c.name === name);
      if (check === undefined) return undefined;
      const outcome = await this.#run(check);
      return outcome.ok
        ? { status: 200, text: 'ok' }
        : { status: 500, text: `internal server error: ${name} check failed` };
    }
    const excluded = query
      .all('exclude')
      .flatMap((text) => text.split(','))
      .filter((text) => text !== '');
    const outcomes = await Promise.all(checks.map((check) => this.#run(check, excluded.includes(check.name))));
    const unknown = excluded.filter((text) => !checks.some((check) => check.name === text));
    const ok = outcomes.every((outcome) => outcome.ok);
    if (ok && !query.has('verbose')) return { status: 200, text: 'ok' };
    const lines = outcomes.map((outcome) => `${outcome.line}\n`).join('');
    const warning =
      unknown.length === 0
        ? ''
        : `warn: some health checks cannot be excluded: no matches for ${unknown.map((u) => JSON.stringify(u)).join(',')}\n`;
    return { status: ok ? 200 : 500, text: `${lines}${warning}${root} check ${ok ? 'passed' : 'failed'}\n` };
  }

  #checksOf(root: HealthRoot): readonly HealthCheck[] {
    return root === 'livez' ? this.#checks.filter((check) => check.when === 'live') : this.#checks;
  }

  async #run(check: HealthCheck, excluded = false): Promise<Outcome> {
    if (excluded) return { line: `[+]${check.name} excluded: ok`, ok: true };
    try {
      await check.check();
      return { line: `[+]${check.name} ok`, ok: true };
    } catch (error) {
      this.#logger.warn('Failed health check', { check: check.name, error: messageOf(error) });
      return { line: `[-]${check.name} failed: reason withheld`, ok: false };
    }
  }
}

/** The roots of the health endpoints. */
export const HEALTH_ROOTS: readonly HealthRoot[] = ['healthz', 'livez', 'readyz'];
