import type { CelInput, CelResult } from '@bufbuild/cel';
import type { Clock } from '../base/clock.js';
import type {
  Compilation,
  CompiledExpression,
  ExpressionProblem,
  ExpressionResult,
  ExpressionShape,
  ExpressionVariables,
  TextListEngine,
} from '../policy/expression.js';
import { loadCelPackage, type CelNode, type CelPackage } from './cel-package.js';
import { checkExpression } from './check-expression.js';
import { instrument } from './instrument.js';
import { DEFAULT_EVALUATION_LIMITS, type EvaluationLimits } from './limits.js';
import type { LinearPattern } from './linear-pattern.js';
import { Meter } from './meter.js';
import { MeteredFunctions } from './metered-functions.js';
import { areLike, shapeInWords } from './shapes.js';
import { sourceProblem } from './source-shape.js';
import { celValueOf } from './variables.js';

/** What an engine needs. */
export interface CelEngineOptions {
  /** For the deadline. */
  readonly clock: Clock;
  readonly limits?: Partial<EvaluationLimits>;
}

/** Loads CEL and makes an engine of it; takes about a tenth of a second the first time. */
export async function loadCelEngine(options: CelEngineOptions): Promise<TextListEngine> {
  return new CelEngine(await loadCelPackage(), options);
}

type Plan = (variables: Readonly<Record<string, CelInput>>) => CelResult;

class CelEngine implements TextListEngine {
  readonly #package: CelPackage;
  readonly #meter: Meter;
  readonly #functions: MeteredFunctions;
  /** What records of variables became: rules of many policies look at the same request. */
  readonly #converted = new WeakMap<Readonly<Record<string, unknown>>, Readonly<Record<string, CelInput>>>();

  constructor(celPackage: CelPackage, { clock, limits }: CelEngineOptions) {
    this.#package = celPackage;
    this.#meter = new Meter({ ...DEFAULT_EVALUATION_LIMITS, ...limits }, clock);
    this.#functions = new MeteredFunctions(celPackage, this.#meter);
  }

  compileRule(source: string, variables: ExpressionVariables): Compilation<boolean> {
    return this.#compile(source, variables, 'boolean', (value) => (typeof value === 'boolean' ? value : undefined));
  }

  compileMessage(source: string, variables: ExpressionVariables): Compilation<string> {
    return this.#compile(source, variables, 'string', (value) => (typeof value === 'string' ? value : undefined));
  }

  compileTexts(source: string, variables: ExpressionVariables): Compilation<readonly string[]> {
    const shape: ExpressionShape = { kind: 'list', items: 'string' };
    return this.#compile(source, variables, shape, (value) => this.#textsOf(value), ['string']);
  }

  #textsOf(value: unknown): readonly string[] | undefined {
    if (value === null) return [];
    if (typeof value === 'string') return [value];
    if (!this.#package.cel.isCelList(value)) return undefined;
    const texts: string[] = [];
    for (const item of value) {
      if (typeof item !== 'string') return undefined;
      texts.push(item);
    }
    return texts;
  }

  /** `others`: shapes that do as well as the one that is wanted. */
  #compile<Value>(
    source: string,
    variables: ExpressionVariables,
    wanted: ExpressionShape,
    valueOf: (value: unknown) => Value | undefined,
    others: readonly ExpressionShape[] = [],
  ): Compilation<Value> {
    const parsed = this.#parse(source);
    if ('detail' in parsed) return { kind: 'refused', problems: [parsed] };
    const { node, positions } = parsed;
    const { problems, shape, patterns } = checkExpression(node, positions, variables, this.#package.compilePattern);
    if (problems.length > 0) return { kind: 'refused', problems };
    if (![wanted, ...others].some((one) => areLike(shape, one))) {
      const detail = `its value must be ${shapeInWords(wanted)}, this is ${shapeInWords(shape)}`;
      return { kind: 'refused', problems: [{ detail }] };
    }
    return { kind: 'compiled', expression: this.#expression(node, patterns, wanted, valueOf) };
  }

  /** Parses what is small enough; the answer is a problem otherwise. */
  #parse(source: string): { readonly node: CelNode; readonly positions: Record<string, number> } | ExpressionProblem {
    const problem = sourceProblem(source);
    if (problem !== undefined) return problem;
    try {
      const { expr, sourceInfo } = this.#package.cel.parse(source);
      return { node: expr, positions: sourceInfo?.positions ?? {} };
    } catch (error) {
      return parseProblem(error);
    }
  }

  #expression<Value>(
    node: CelNode,
    patterns: ReadonlyMap<string, LinearPattern>,
    wanted: ExpressionShape,
    valueOf: (value: unknown) => Value | undefined,
  ): CompiledExpression<Value> {
    const cost = instrument(node);
    const plan: Plan = this.#package.cel.plan(this.#functions.environment(patterns), node);
    return {
      evaluate: (variables) => {
        const result = this.#run(plan, cost, variables);
        if (result.kind !== 'value') return result;
        const value = valueOf(result.value);
        if (value !== undefined) return { kind: 'value', value };
        return { kind: 'error', message: `the value is not ${shapeInWords(wanted)}` };
      },
    };
  }

  #run(plan: Plan, cost: number, variables: Readonly<Record<string, unknown>>): ExpressionResult<unknown> {
    const meter = this.#meter;
    meter.start();
    try {
      meter.spend(cost);
      const result = plan(this.#convert(variables));
      if (!this.#package.cel.isCelError(result)) return { kind: 'value', value: result };
      return meter.exceeded === undefined
        ? { kind: 'error', message: result.message }
        : { kind: 'exceeded', what: meter.exceeded };
    } catch (error) {
      if (meter.exceeded !== undefined) return { kind: 'exceeded', what: meter.exceeded };
      return { kind: 'error', message: error instanceof Error ? error.message : String(error) };
    }
  }

  #convert(variables: Readonly<Record<string, unknown>>): Readonly<Record<string, CelInput>> {
    const known = this.#converted.get(variables);
    if (known !== undefined) return known;
    // without a prototype, since it is asked for names that are in the expression
    const converted = Object.create(null) as Record<string, CelInput>;
    for (const [name, value] of Object.entries(variables)) {
      if (value !== undefined) converted[name] = celValueOf(value, name, this.#package.cel);
    }
    this.#converted.set(variables, converted);
    return converted;
  }
}

/** What the parser says, in one line: its own message begins with a place. */
function parseProblem(error: unknown): ExpressionProblem {
  if (error instanceof RangeError) return { detail: 'it is nested too deeply' };
  const message = error instanceof Error ? error.message : String(error);
  const [, line, column, detail] = /^<input>:(\d+):(\d+): (.*)$/s.exec(message) ?? [];
  if (detail === undefined) return { detail: `it cannot be parsed: ${message}` };
  return { detail: `it cannot be parsed: line ${line ?? ''}, column ${column ?? ''}: ${detail}` };
}
