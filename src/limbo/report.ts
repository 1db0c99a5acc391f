import { LIMBO_GROUPS, type LimboGroup } from './limbo-case.js';
import type { CaseResult } from './run-case.js';

/** How one group of cases came out. */
export interface GroupScore {
  readonly group: LimboGroup;
  readonly cases: number;
  readonly asExpected: number;
  /** Somebody was given more than they may have. */
  readonly grave: number;
}

/** The score of each group that has a case. */
export function scoreOf(results: readonly CaseResult[]): readonly GroupScore[] {
  return LIMBO_GROUPS.map((group) => {
    const own = results.filter((result) => result.case.group === group);
    return {
      group,
      cases: own.length,
      asExpected: own.filter(({ surprises }) => surprises.length === 0).length,
      grave: own.filter(({ surprises }) => surprises.some(({ grave }) => grave)).length,
    };
  }).filter(({ cases }) => cases > 0);
}

/** `214 of 214 as expected, 0 grave`. */
export function scoreLine(results: readonly CaseResult[]): string {
  const scores = scoreOf(results);
  const sum = (of: (score: GroupScore) => number): number => scores.reduce((total, score) => total + of(score), 0);
  return `${sum((s) => s.asExpected)} of ${sum((s) => s.cases)} as expected, ${sum((s) => s.grave)} grave`;
}

/** Every surprise in words, a paragraph each: what was sent, what should have happened, what did. */
export function describeSurprises(results: readonly CaseResult[]): string {
  return results
    .flatMap(({ case: limboCase, surprises }) =>
      surprises.map(({ station, expected, seen, grave }) => {
        const history = limboCase.history === undefined ? '' : `\n  seen before: ${limboCase.history}`;
        return `${grave ? 'GRAVE' : 'harsh'}  ${limboCase.id}: ${limboCase.title}\n  ${station}: ${seen}; expected: ${expected}${history}\n`;
      }),
    )
    .join('');
}
