import type * as Cel from '@bufbuild/cel';
import type { strings } from '@bufbuild/cel/ext';
import type { RE2JS } from '@bufbuild/re2';

/** The packages behind this folder. They are handed around because they are loaded only when a policy has a rule. */
export interface CelPackage {
  readonly cel: typeof Cel;
  readonly strings: typeof strings;
  /** Compiles a pattern for linear-time matching; throws where it is none. */
  readonly compilePattern: (pattern: string) => RE2JS;
}

/** A node of the parsed expression, as cel.expr.Expr of the CEL specification. */
export type CelNode = ReturnType<typeof Cel.parse>['expr'];

/** A loop, as macros (`all`, `map`, …) expand to it. */
export type CelLoop = Extract<CelNode['exprKind'], { case: 'comprehensionExpr' }>['value'];

/** A call of a function or operator. */
export type CelCall = Extract<CelNode['exprKind'], { case: 'callExpr' }>['value'];

/** Loads the packages: about a tenth of a second, once in a process. */
export async function loadCelPackage(): Promise<CelPackage> {
  const [cel, { strings: extension }, { RE2JS: Pattern }] = await Promise.all([
    import('@bufbuild/cel'),
    import('@bufbuild/cel/ext'),
    import('@bufbuild/re2'),
  ]);
  return { cel, strings: extension, compilePattern: (pattern) => Pattern.compile(pattern) };
}
