import type { CelPackage } from './cel-package.js';
import { SOURCE_LIMITS, VALUE_LIMITS } from './limits.js';

/** Characters times instructions after which an automaton is built anew. */
const MAX_STEPS = 4_000_000;
/** Steps of the automaton in a unit of cost. */
const STEPS_PER_UNIT = 256;

/**
 * A regular expression in RE2's syntax, compiled once: time is linear in the text, whatever the pattern. The automaton
 * learns from the texts it sees and would keep all it learned; since those come from strangers, it is thrown away and
 * built anew from time to time.
 */
export class LinearPattern {
  readonly #pattern: string;
  readonly #compile: CelPackage['compilePattern'];
  readonly #instructions: number;
  #automaton: ReturnType<CelPackage['compilePattern']>;
  #steps = 0;

  /** Throws where the pattern is none, or too large. */
  constructor(pattern: string, compile: CelPackage['compilePattern']) {
    this.#pattern = pattern;
    this.#compile = compile;
    this.#automaton = compile(pattern);
    this.#instructions = this.#automaton.re2().prog.numInst();
    if (this.#instructions > SOURCE_LIMITS.maxPatternInstructions) {
      throw new RangeError(
        `it compiles to ${this.#instructions} instructions, at most ${SOURCE_LIMITS.maxPatternInstructions} are taken`,
      );
    }
  }

  /** Units that a test of this text costs at most. */
  costOf(text: string): number {
    return 1 + Math.ceil((text.length * this.#instructions) / STEPS_PER_UNIT);
  }

  /** Whether the pattern matches anywhere in the text. Refuses long texts. */
  test(text: string): boolean {
    if (text.length > VALUE_LIMITS.maxMatchedText) {
      throw new RangeError(`matches() looks at ${VALUE_LIMITS.maxMatchedText} characters at most`);
    }
    this.#steps += (text.length + 1) * this.#instructions;
    if (this.#steps > MAX_STEPS) {
      this.#automaton = this.#compile(this.#pattern);
      this.#steps = 0;
    }
    return this.#automaton.test(text);
  }
}
