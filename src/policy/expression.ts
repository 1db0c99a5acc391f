/**
 * The port to an engine of expressions (CEL). Policies hold expressions, requests are what they look at: an engine
 * parses and bounds an expression once, when the policy is written, and bounds what one evaluation may cost.
 *
 * An engine never throws for a bad expression, a bad value or an expression that costs too much: all of these are
 * answers. The same expression over the same variables has the same value; only `exceeded` by deadline depends on the
 * machine.
 */
export interface ExpressionEngine {
  /** Compiles a condition: an expression whose value is true or false. */
  compileRule(source: string, variables: ExpressionVariables): Compilation<boolean>;
  /** Compiles a text for people. */
  compileMessage(source: string, variables: ExpressionVariables): Compilation<string>;
}

/** An engine that compiles lists as well. */
export interface TextListEngine extends ExpressionEngine {
  /** Compiles an expression whose value is a list of texts; one text counts as a list of it, null as an empty one. */
  compileTexts(source: string, variables: ExpressionVariables): Compilation<readonly string[]>;
}

/** The variables that an expression may name, and what is known of each. */
export type ExpressionVariables = Readonly<Record<string, ExpressionShape>>;

/**
 * What is known of a value before there is one, so that a mistyped field is refused when the policy is written. `any`
 * says nothing, and its fields are not looked at. A record has these fields and no others (all may be absent); the
 * keys of a map are free.
 */
export type ExpressionShape =
  | 'any'
  | 'boolean'
  | 'integer'
  | 'double'
  | 'string'
  | 'bytes'
  | { readonly kind: 'list'; readonly items: ExpressionShape }
  | { readonly kind: 'map'; readonly values: ExpressionShape }
  | { readonly kind: 'record'; readonly fields: Readonly<Record<string, ExpressionShape>> };

/** What became of a source: something to evaluate, or every problem that was found. */
export type Compilation<Value> =
  | { readonly kind: 'compiled'; readonly expression: CompiledExpression<Value> }
  | { readonly kind: 'refused'; readonly problems: readonly ExpressionProblem[] };

/** One thing wrong with an expression, without full stop: `request has no field "dnsName"; it has dnsNames, ...`. */
export interface ExpressionProblem {
  readonly detail: string;
  /** Where, in UTF-16 units from the start; absent where it concerns the whole. */
  readonly offset?: number;
}

/** An expression that can be evaluated any number of times. */
export interface CompiledExpression<Value> {
  /**
   * Evaluates over JSON-like values: strings, numbers (integers where they are whole), booleans, null, bytes, arrays,
   * and records. Undefined fields count as absent. A variable that was declared and is not given is an error where the
   * expression comes to it. The record and all in it must not change afterwards: an engine may keep what it made of it
   * for the next expression.
   */
  evaluate(variables: Readonly<Record<string, unknown>>): ExpressionResult<Value>;
}

/** The value, or why there is none; whoever asks defers then. */
export type ExpressionResult<Value> =
  | { readonly kind: 'value'; readonly value: Value }
  /** A missing field, a division by zero, a value of the wrong type or beyond the limits: said in words. */
  | { readonly kind: 'error'; readonly message: string }
  /** It was stopped. */
  | { readonly kind: 'exceeded'; readonly what: 'deadline' | 'cost' };
