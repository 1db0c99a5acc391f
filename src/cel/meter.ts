import type { Clock } from '../base/clock.js';
import type { EvaluationLimits } from './limits.js';

/** Thrown through the interpreter to stop an evaluation. */
export class BudgetExceeded extends Error {}

/** Units between looks at the clock. */
const UNITS_PER_LOOK = 2000;

/** Counts what one evaluation costs, and stops it. Evaluations are synchronous, so one meter serves them all in turn. */
export class Meter {
  readonly #limits: EvaluationLimits;
  readonly #clock: Clock;
  #left = 0;
  #untilLook = 0;
  #endMs = 0;
  #exceeded: 'deadline' | 'cost' | undefined;

  constructor(limits: EvaluationLimits, clock: Clock) {
    this.#limits = limits;
    this.#clock = clock;
  }

  /** Begins an evaluation. */
  start(): void {
    this.#left = this.#limits.maxCost;
    this.#untilLook = UNITS_PER_LOOK;
    this.#endMs = this.#clock.now() + this.#limits.deadlineMs;
    this.#exceeded = undefined;
  }

  /** What stopped the evaluation, if anything did. */
  get exceeded(): 'deadline' | 'cost' | undefined {
    return this.#exceeded;
  }

  /** Pays for what is about to be done; throws where it is too much. */
  spend(units: number): void {
    this.#left -= units;
    if (this.#left < 0) this.#stop('cost');
    this.#untilLook -= units;
    if (this.#untilLook >= 0) return;
    this.#untilLook = UNITS_PER_LOOK;
    if (this.#clock.now() > this.#endMs) this.#stop('deadline');
  }

  #stop(what: 'deadline' | 'cost'): never {
    this.#exceeded = what;
    throw new BudgetExceeded(what);
  }
}
