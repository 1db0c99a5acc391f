/** What an expression may be. All of it is checked when it is compiled. */
export const SOURCE_LIMITS = {
  /** UTF-16 units of source. */
  maxLength: 4096,
  /** Nodes of the parsed expression, macros expanded. */
  maxNodes: 1000,
  /** Nodes, or brackets, within each other. */
  maxDepth: 48,
  /** Loops (`all`, `exists`, `map`, `filter`) within each other. */
  maxLoops: 2,
  /** Entries of a list or map that is written out. */
  maxEntries: 100,
  /** Instructions that a regular expression compiles to: `[a-z]{0,61}` has some 120. */
  maxPatternInstructions: 1000,
} as const;

/** What values may be. Checked where an expression touches them. */
export const VALUE_LIMITS = {
  /** UTF-16 units of a string, or octets, that a variable holds. */
  maxText: 8192,
  /** Elements of a list that a variable holds. */
  maxElements: 1000,
  /** UTF-16 units or octets of what an expression puts together. */
  maxBuiltText: 65_536,
  /** UTF-16 units that `matches()` looks at. */
  maxMatchedText: 2048,
} as const;

/** What one evaluation may cost. */
export interface EvaluationLimits {
  /** A unit is about a twentieth of a microsecond. The same evaluation always costs the same. */
  readonly maxCost: number;
  /** Wall-clock time, the safety net under the cost. */
  readonly deadlineMs: number;
}

/** A rule over a hundred names costs a thousand units. What costs the most that is allowed takes some 30 ms. */
export const DEFAULT_EVALUATION_LIMITS: EvaluationLimits = { maxCost: 500_000, deadlineMs: 100 };
