import type { ExpressionProblem } from '../policy/expression.js';
import { SOURCE_LIMITS } from './limits.js';

/**
 * What must hold of a source before it is parsed: the parser's time and stack grow with the square of the nesting.
 * Undefined where all is well.
 */
export function sourceProblem(source: string): ExpressionProblem | undefined {
  if (source.trim() === '') return { detail: 'there is no expression' };
  if (source.length > SOURCE_LIMITS.maxLength) {
    return { detail: `it has ${source.length} characters, at most ${SOURCE_LIMITS.maxLength} are taken` };
  }
  let depth = 0;
  for (let at = 0; at < source.length; at = afterToken(source, at)) {
    const character = source[at] ?? '';
    if ('([{'.includes(character)) depth++;
    else if (')]}'.includes(character)) depth--;
    if (depth > SOURCE_LIMITS.maxDepth) return { detail: tooDeep, offset: at };
  }
  return undefined;
}

/** The words for an expression that is nested too deeply. */
export const tooDeep: string = `it is nested more than ${SOURCE_LIMITS.maxDepth} deep`;

/** Where the next character to look at is: strings and comments are passed over as a whole. */
function afterToken(source: string, at: number): number {
  const character = source[at];
  if (source.startsWith('//', at)) {
    const end = source.indexOf('\n', at);
    return end === -1 ? source.length : end + 1;
  }
  if (character !== '"' && character !== "'") return at + 1;
  const quote = source.startsWith(character.repeat(3), at) ? character.repeat(3) : character;
  const isRaw = /[rR][bB]?$/.test(source.slice(Math.max(0, at - 2), at));
  let end = at + quote.length;
  while (end < source.length && !source.startsWith(quote, end)) end += source[end] === '\\' && !isRaw ? 2 : 1;
  return end + quote.length;
}
