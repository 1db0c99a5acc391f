import type { ExpressionProblem, ExpressionShape, ExpressionVariables } from '../policy/expression.js';
import type { CelCall, CelLoop, CelNode, CelPackage } from './cel-package.js';
import { FUNCTIONS, OPERATORS, type CelFunctionEntry } from './functions.js';
import { childrenOf, collectedBy } from './instrument.js';
import { SOURCE_LIMITS } from './limits.js';
import { LinearPattern } from './linear-pattern.js';
import { areLike, commonShape, shapeInWords } from './shapes.js';
import { tooDeep } from './source-shape.js';

/** What is known of a parsed expression. It may be planned and run only where there are no problems. */
export interface CheckedExpression {
  /** In the order in which they were met. */
  readonly problems: readonly ExpressionProblem[];
  /** What its value will be, as far as that can be told. */
  readonly shape: ExpressionShape;
  /** The patterns of `matches()`, compiled. */
  readonly patterns: ReadonlyMap<string, LinearPattern>;
}

/** Checks names, fields, functions, the types that are known, and all bounds of a parsed expression. */
export function checkExpression(
  node: CelNode,
  positions: Readonly<Record<string, number>>,
  variables: ExpressionVariables,
  compilePattern: CelPackage['compilePattern'],
): CheckedExpression {
  const checker = new Checker(positions, compilePattern);
  const shape = checker.shapeOf(node, { names: new Map(Object.entries(variables)), depth: 0, loops: 0 });
  return { problems: checker.problems, shape, patterns: checker.patterns };
}

/** Names that are types: `type(x) == string`. */
const TYPE_NAMES = ['int', 'uint', 'double', 'bool', 'string', 'bytes', 'list', 'map', 'null_type', 'type'];

/** Macros, for whoever misspells their arguments. */
const MACROS = ['has', 'all', 'exists', 'exists_one', 'existsOne', 'map', 'filter'];

/** Where a node stands. */
interface Place {
  readonly names: ReadonlyMap<string, ExpressionShape>;
  readonly depth: number;
  readonly loops: number;
}

class Checker {
  readonly problems: ExpressionProblem[] = [];
  readonly patterns = new Map<string, LinearPattern>();
  readonly #positions: Readonly<Record<string, number>>;
  readonly #compilePattern: CelPackage['compilePattern'];
  readonly #shapes = new Map<CelNode, ExpressionShape>();
  #nodes = 0;

  constructor(positions: Readonly<Record<string, number>>, compilePattern: CelPackage['compilePattern']) {
    this.#positions = positions;
    this.#compilePattern = compilePattern;
  }

  shapeOf(node: CelNode, place: Place): ExpressionShape {
    this.#nodes++;
    if (this.#nodes === SOURCE_LIMITS.maxNodes + 1) {
      this.#report(node, `it has more than ${SOURCE_LIMITS.maxNodes} parts, macros written out`);
    }
    if (this.#nodes > SOURCE_LIMITS.maxNodes) return 'any';
    if (place.depth > SOURCE_LIMITS.maxDepth) {
      this.#report(node, tooDeep);
      return 'any';
    }
    const shape = this.#shapeOfKind(node, { ...place, depth: place.depth + 1 });
    this.#shapes.set(node, shape);
    return shape;
  }

  #report(node: CelNode, detail: string): void {
    const offset = this.#positions[node.id.toString()];
    this.problems.push(offset === undefined ? { detail } : { detail, offset });
  }

  #shapeOfKind(node: CelNode, place: Place): ExpressionShape {
    const { exprKind } = node;
    switch (exprKind.case) {
      case 'constExpr':
        return this.#shapeOfConstant(node, exprKind.value.constantKind);
      case 'identExpr':
        return this.#shapeOfName(node, exprKind.value.name, place);
      case 'selectExpr': {
        const { operand, field, testOnly } = exprKind.value;
        const inner = operand === undefined ? 'any' : this.shapeOf(operand, place);
        const shape = this.#shapeOfField(node, inner, field);
        return testOnly ? 'boolean' : shape;
      }
      case 'callExpr':
        return this.#shapeOfCall(node, exprKind.value, place);
      case 'listExpr':
        return this.#shapeOfList(node, exprKind.value.elements, place);
      case 'structExpr':
        if (exprKind.value.messageName !== '') {
          this.#report(
            node,
            `${JSON.stringify(exprKind.value.messageName)} cannot be made here: there are no messages`,
          );
        }
        this.#boundEntries(node, exprKind.value.entries.length);
        for (const child of childrenOf(node)) this.shapeOf(child, place);
        return { kind: 'map', values: 'any' };
      case 'comprehensionExpr':
        return this.#shapeOfLoop(node, exprKind.value, place);
      case undefined:
        this.#report(node, 'there is no expression');
        return 'any';
    }
  }

  #shapeOfConstant(
    node: CelNode,
    { case: kind, value }: { readonly case: string | undefined; readonly value?: unknown },
  ) {
    switch (kind) {
      case 'boolValue':
        return 'boolean';
      case 'stringValue':
        return 'string';
      case 'bytesValue':
        return 'bytes';
      case 'doubleValue':
        return 'double';
      case 'int64Value':
        if (value !== BigInt.asIntN(64, BigInt(String(value))))
          this.#report(node, `${String(value)} is beyond 64 bits`);
        return 'integer';
      case 'uint64Value':
        this.#report(node, `${String(value)}u is an unsigned integer, and there are none here: leave out the "u"`);
        return 'any';
      default:
        return 'any';
    }
  }

  #shapeOfName(node: CelNode, name: string, { names }: Place): ExpressionShape {
    const known = names.get(name);
    if (known !== undefined) return known;
    if (!TYPE_NAMES.includes(name)) {
      const offered = [...names.keys()].filter((one) => !one.startsWith('@')).join(', ');
      this.#report(node, `nothing is called ${JSON.stringify(name)}; there are ${offered}`);
    }
    return 'any';
  }

  #shapeOfField(node: CelNode, shape: ExpressionShape, field: string): ExpressionShape {
    if (shape === 'any') return 'any';
    if (typeof shape === 'string' || shape.kind === 'list') {
      this.#report(node, `${shapeInWords(shape)} has no field ${JSON.stringify(field)}`);
      return 'any';
    }
    if (shape.kind === 'map') return shape.values;
    const found = Object.hasOwn(shape.fields, field) ? shape.fields[field] : undefined;
    if (found === undefined) {
      const offered = Object.keys(shape.fields).join(', ');
      this.#report(node, `there is no field ${JSON.stringify(field)} here; there are ${offered}`);
    }
    return found ?? 'any';
  }

  #shapeOfList(node: CelNode, elements: readonly CelNode[], place: Place): ExpressionShape {
    this.#boundEntries(node, elements.length);
    const [first, ...others] = elements.map((element) => this.shapeOf(element, place));
    return { kind: 'list', items: others.reduce(commonShape, first ?? 'any') };
  }

  #boundEntries(node: CelNode, count: number): void {
    if (count > SOURCE_LIMITS.maxEntries) {
      this.#report(node, `${count} entries are written out, at most ${SOURCE_LIMITS.maxEntries} are taken`);
    }
  }

  #shapeOfLoop(node: CelNode, loop: CelLoop, place: Place): ExpressionShape {
    const range = loop.iterRange === undefined ? 'any' : this.shapeOf(loop.iterRange, place);
    if (!areLike(range, { kind: 'list', items: 'any' }) && !areLike(range, { kind: 'map', values: 'any' })) {
      this.#report(node, `only lists and maps can be gone through, this is ${shapeInWords(range)}`);
    }
    if (place.loops === SOURCE_LIMITS.maxLoops) {
      this.#report(node, `loops are nested more than ${SOURCE_LIMITS.maxLoops} deep`);
    }
    const names = new Map(place.names).set(loop.iterVar, elementOf(range)).set(loop.accuVar, 'any');
    const inside = { ...place, names, loops: place.loops + 1 };
    for (const child of [loop.accuInit, loop.loopCondition, loop.loopStep, loop.result]) {
      if (child !== undefined) this.shapeOf(child, inside);
    }
    const collected = collectedBy(loop);
    return collected === undefined ? 'boolean' : { kind: 'list', items: this.#shapes.get(collected) ?? 'any' };
  }

  #shapeOfCall(node: CelNode, call: CelCall, place: Place): ExpressionShape {
    const target = call.target === undefined ? undefined : this.shapeOf(call.target, place);
    const args = call.args.map((arg) => this.shapeOf(arg, place));
    const entries = Object.hasOwn(FUNCTIONS, call.function) ? FUNCTIONS[call.function] : undefined;
    if (entries !== undefined) return this.#shapeOfFunction(node, call, entries, target, args);
    if (target === undefined && (Object.hasOwn(OPERATORS, call.function) || call.function.startsWith('_'))) {
      return this.#shapeOfOperator(node, call.function, args);
    }
    if (call.function.startsWith('@')) return 'boolean'; // the condition of a loop
    this.#report(
      node,
      MACROS.includes(call.function)
        ? `${call.function}() is not written like this: list.${call.function}(name, expression), or has(value.field)`
        : `there is no function ${call.function}()`,
    );
    return 'any';
  }

  #shapeOfFunction(
    node: CelNode,
    call: CelCall,
    entries: readonly CelFunctionEntry[],
    target: ExpressionShape | undefined,
    args: readonly ExpressionShape[],
  ): ExpressionShape {
    const fitting = entries.find(
      ({ receiver, parameters }) =>
        (receiver === undefined) === (target === undefined) && parameters.length === args.length,
    );
    const usage = entries.map((entry) => entry.usage).join(' or ');
    if (fitting === undefined) {
      this.#report(node, `${call.function}() is written ${usage}`);
      return entries[0]?.result ?? 'any';
    }
    const given = target === undefined ? args : [target, ...args];
    const taken = fitting.receiver === undefined ? fitting.parameters : [fitting.receiver, ...fitting.parameters];
    for (const [i, shape] of given.entries()) {
      const wanted = taken[i] ?? 'any';
      if (!areLike(shape, wanted)) {
        this.#report(node, `${usage} takes ${shapeInWords(wanted)}, this is ${shapeInWords(shape)}`);
      }
    }
    if (call.function === 'matches') this.#compileIn(node, call.args[0]);
    return fitting.result;
  }

  /** A pattern is part of the policy: what a request holds is never one. */
  #compileIn(node: CelNode, pattern: CelNode | undefined): void {
    const constant = pattern?.exprKind.case === 'constExpr' ? pattern.exprKind.value.constantKind : undefined;
    if (constant?.case !== 'stringValue') {
      this.#report(node, 'the pattern of matches() must be written out');
      return;
    }
    try {
      this.patterns.set(constant.value, new LinearPattern(constant.value, this.#compilePattern));
    } catch (error) {
      this.#report(
        pattern ?? node,
        `not a pattern that can be used: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  }

  #shapeOfOperator(node: CelNode, name: string, args: readonly ExpressionShape[]): ExpressionShape {
    const [first = 'any', second = 'any', third = 'any'] = args;
    switch (name) {
      case '_&&_':
      case '_||_':
      case '!_':
        for (const shape of args) this.#expectBoolean(node, shape);
        return 'boolean';
      case '_?_:_':
        this.#expectBoolean(node, first);
        return commonShape(second, third);
      case '_[_]':
        return elementOf(first, true);
      case '@in':
        this.#expectLike(node, first, elementOf(second));
        return 'boolean';
      case '_==_':
      case '_!=_':
      case '_<_':
      case '_<=_':
      case '_>_':
      case '_>=_':
        this.#expectLike(node, first, second);
        return 'boolean';
      case '-_':
        return first;
      default:
        this.#expectLike(node, first, second);
        // numbers of both kinds can be compared, not added
        if (first === 'integer' && second === 'double') this.#report(node, 'write double() around the integer');
        if (first === 'double' && second === 'integer') this.#report(node, 'write double() around the integer');
        return commonShape(first, second);
    }
  }

  #expectBoolean(node: CelNode, shape: ExpressionShape): void {
    if (!areLike(shape, 'boolean'))
      this.#report(node, `a condition must be true or false, this is ${shapeInWords(shape)}`);
  }

  #expectLike(node: CelNode, left: ExpressionShape, right: ExpressionShape): void {
    if (areLike(left, right)) return;
    this.#report(node, `${shapeInWords(left)} and ${shapeInWords(right)} have nothing in common`);
  }
}

/** What going through a value gives (keys of maps), or what `[]` gives (values of maps). */
function elementOf(shape: ExpressionShape, byIndex = false): ExpressionShape {
  if (typeof shape === 'string') return 'any';
  if (shape.kind === 'list') return shape.items;
  if (!byIndex) return 'string';
  return shape.kind === 'map' ? shape.values : 'any';
}
