import type { CelEnv, CelList, CelValue } from '@bufbuild/cel';
import type { CelPackage } from './cel-package.js';
import { FUNCTIONS, OPERATORS, ownFunctions, type CostKind } from './functions.js';
import { APPEND, RANGE, STEP } from './instrument.js';
import type { LinearPattern } from './linear-pattern.js';
import type { Meter } from './meter.js';

type FuncGroup = NonNullable<ReturnType<CelEnv['funcs']['find']>>;
type Call = FuncGroup['call'];

/** Characters that a unit pays for: looked at, handled one by one, and compared each with each. */
const TEXT_PER_UNIT = 64;
const REWRITTEN_PER_UNIT = 4;
const COMPARED_PER_UNIT = 1024;

/** Everything that expressions can call, paid for at the meter before it runs. */
export class MeteredFunctions {
  readonly #package: CelPackage;
  readonly #meter: Meter;
  readonly #env: CelEnv;
  readonly #groups = new Map<string, FuncGroup>();

  constructor(celPackage: CelPackage, meter: Meter) {
    this.#package = celPackage;
    this.#meter = meter;
    this.#env = celPackage.cel.celEnv({ funcs: [...celPackage.strings, ...ownFunctions(celPackage)] });
    for (const [name, cost] of Object.entries(OPERATORS)) this.#add(name, cost);
    for (const [name, [entry]] of Object.entries(FUNCTIONS)) this.#add(name, entry?.cost ?? 'deep');
    this.#addLoops();
  }

  /** The environment of one expression, which brings its own compiled patterns. */
  environment(patterns: ReadonlyMap<string, LinearPattern>): CelEnv {
    const matches = groupOf('matches', (_id, target, [pattern]) => {
      const compiled = typeof pattern === 'string' ? patterns.get(pattern) : undefined;
      if (typeof target !== 'string' || compiled === undefined) return undefined;
      this.#meter.spend(compiled.costOf(target));
      return compiled.test(target);
    });
    const find = (name: string): FuncGroup | undefined => (name === 'matches' ? matches : this.#groups.get(name));
    // the same environment but for the functions: planning asks for nothing but find()
    const funcs = Object.create(this.#env.funcs, { find: { value: find } }) as CelEnv['funcs'];
    return Object.create(this.#env, { funcs: { value: funcs } }) as CelEnv;
  }

  #add(name: string, cost: CostKind): void {
    const original = this.#env.funcs.find(name);
    if (original === undefined) throw new Error(`CEL has no function ${name}`);
    const call: Call = (id, target, args) => {
      this.#meter.spend(1);
      this.#pay(cost, target === undefined ? args : [target, ...args]);
      return original.call(id, target, args);
    };
    this.#groups.set(name, groupOf(name, call));
  }

  #addLoops(): void {
    const { isCelList, isCelMap, celList } = this.#package.cel;
    const growing = new WeakMap<CelList, CelValue[]>();
    this.#groups.set(
      RANGE,
      groupOf(RANGE, (_id, _target, [range]) => {
        if (isCelList(range) || isCelMap(range)) this.#meter.spend(range.size);
        return range;
      }),
    );
    this.#groups.set(
      STEP,
      groupOf(STEP, (_id, _target, [cost, condition]) => {
        this.#meter.spend(Number(cost));
        return condition;
      }),
    );
    this.#groups.set(
      APPEND,
      groupOf(APPEND, (_id, _target, [list, element]) => {
        if (!isCelList(list) || element === undefined) return undefined;
        // only the loop that made the list can see it before it is done, so that it may grow where it is
        const elements = growing.get(list);
        if (elements !== undefined) {
          elements.push(element);
          return list;
        }
        const first = [...list, element];
        const grown = celList(first);
        growing.set(grown, first);
        return grown;
      }),
    );
  }

  #pay(cost: CostKind, values: readonly CelValue[]): void {
    switch (cost) {
      case 'constant':
        return;
      case 'text':
        this.#meter.spend(lengthsOf(values) / TEXT_PER_UNIT);
        return;
      case 'search':
        this.#meter.spend(comparisonsOf(values) / COMPARED_PER_UNIT);
        return;
      case 'rewrite':
        this.#meter.spend(comparisonsOf(values) / COMPARED_PER_UNIT + lengthsOf(values) / REWRITTEN_PER_UNIT);
        return;
      case 'deep':
        for (const value of values) this.#payFor(value);
    }
  }

  /** Pays for all that a value holds, as it goes, so that the way is no longer than the budget. */
  #payFor(value: CelValue): void {
    const { isCelList, isCelMap } = this.#package.cel;
    if (isCelList(value)) {
      this.#meter.spend(value.size);
      for (const element of value) this.#payFor(element);
    } else if (isCelMap(value)) {
      this.#meter.spend(value.size);
      for (const [key, element] of value) {
        this.#payFor(key);
        this.#payFor(element);
      }
    } else this.#meter.spend(lengthOf(value) / TEXT_PER_UNIT);
  }
}

function lengthsOf(values: readonly CelValue[]): number {
  return values.reduce<number>((total, value) => total + lengthOf(value), 0);
}

function comparisonsOf(values: readonly CelValue[]): number {
  return values.reduce<number>((product, value) => product * (lengthOf(value) + 1), 1);
}

function lengthOf(value: CelValue): number {
  return typeof value === 'string' || value instanceof Uint8Array ? value.length : 0;
}

/** A group as the planner uses it: by its name and its call. */
function groupOf(name: string, call: Call): FuncGroup {
  return {
    name,
    call,
    *[Symbol.iterator]() {
      // nobody asks what overloads there are
    },
  };
}
