import type { CelLoop, CelNode } from './cel-package.js';

/**
 * Functions that no source can name, woven into a parsed expression so that loops pay before they run:
 * `@range(list)` pays for the elements, `@step(cost, condition)` for the next turn, and `@append(list, element)` does
 * for `map` and `filter` what list concatenation would do in quadratic time.
 */
export const RANGE = '@range';
export const STEP = '@step';
export const APPEND = '@append';

/** The variable in which macros collect. */
const ACCUMULATOR = '@result';

/** Weaves the functions above into every loop, in place. The answer is what one evaluation costs outside of loops. */
export function instrument(node: CelNode): number {
  const children = childrenOf(node).map(instrument);
  const { exprKind } = node;
  if (exprKind.case !== 'comprehensionExpr') return sum(children) + 1;
  const [range = 0, initial = 0, condition = 0, step = 0, result = 0] = children;
  const loop = exprKind.value;
  const { iterRange, loopCondition } = loop;
  if (iterRange !== undefined) loop.iterRange = call(RANGE, [iterRange], node.id);
  if (loopCondition !== undefined) {
    loop.loopCondition = call(STEP, [integer(condition + step + 1, node.id), loopCondition], node.id);
  }
  appendInPlace(loop);
  return range + initial + result + 1;
}

/** What a `map` or `filter` collects; undefined for other loops. */
export function collectedBy(loop: CelLoop): CelNode | undefined {
  const addition = additionIn(loop);
  const list = addition?.args[1];
  return list?.exprKind.case === 'listExpr' ? list.exprKind.value.elements[0] : undefined;
}

/** The nodes under a node. Of loops: range, initial value, condition, step, result. */
export function childrenOf({ exprKind }: CelNode): readonly CelNode[] {
  switch (exprKind.case) {
    case 'callExpr':
      return present([exprKind.value.target, ...exprKind.value.args]);
    case 'selectExpr':
      return present([exprKind.value.operand]);
    case 'listExpr':
      return exprKind.value.elements;
    case 'structExpr':
      return present(
        exprKind.value.entries.flatMap((entry) => [
          entry.keyKind.case === 'mapKey' ? entry.keyKind.value : undefined,
          entry.value,
        ]),
      );
    case 'comprehensionExpr': {
      const { iterRange, accuInit, loopCondition, loopStep, result } = exprKind.value;
      return present([iterRange, accuInit, loopCondition, loopStep, result]);
    }
    case 'constExpr':
    case 'identExpr':
    case undefined:
      return [];
  }
}

/** `@result + [element]` in the step of `map` or `filter`. */
function additionIn(loop: CelLoop) {
  const step = callOf(loop.loopStep);
  const addition = step?.function === '_?_:_' ? callOf(step.args[1]) : step;
  const [left, right] = addition?.args ?? [];
  const isCollecting =
    addition?.function === '_+_' &&
    left?.exprKind.case === 'identExpr' &&
    left.exprKind.value.name === ACCUMULATOR &&
    right?.exprKind.case === 'listExpr' &&
    loop.accuInit?.exprKind.case === 'listExpr';
  return isCollecting ? addition : undefined;
}

function appendInPlace(loop: CelLoop): void {
  const addition = additionIn(loop);
  const element = collectedBy(loop);
  if (addition === undefined || element === undefined) return;
  addition.function = APPEND;
  addition.args = [...addition.args.slice(0, 1), element];
}

function callOf(node: CelNode | undefined) {
  return node?.exprKind.case === 'callExpr' ? node.exprKind.value : undefined;
}

function call(name: string, args: CelNode[], id: bigint): CelNode {
  return {
    $typeName: 'cel.expr.Expr',
    id,
    exprKind: { case: 'callExpr', value: { $typeName: 'cel.expr.Expr.Call', function: name, args } },
  };
}

function integer(value: number, id: bigint): CelNode {
  const constantKind = { case: 'int64Value', value: BigInt(value) } as const;
  return {
    $typeName: 'cel.expr.Expr',
    id,
    exprKind: { case: 'constExpr', value: { $typeName: 'cel.expr.Constant', constantKind } },
  };
}

function present(nodes: readonly (CelNode | undefined)[]): readonly CelNode[] {
  return nodes.filter((node) => node !== undefined);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}
