import type { Violation } from './verdict.js';

/** A violation that stays as long as the request and the policy are what they are. */
export function broken(path: string, detail: string): Violation {
  return { path, detail, kind: 'broken' };
}

/** Violations by path, numbers in paths as numbers, then by detail; each once. */
export function sortedViolations(violations: readonly Violation[]): readonly Violation[] {
  if (violations.length < 2) return violations;
  const keyed = violations.map((violation) => ({ violation, parts: violation.path.split(/([0-9]+)/) }));
  keyed.sort((a, b) => compareParts(a.parts, b.parts) || compareText(a.violation.detail, b.violation.detail));
  return keyed
    .map(({ violation }) => violation)
    .filter(({ path, detail }, i, all) => i === 0 || path !== all[i - 1]?.path || detail !== all[i - 1]?.detail);
}

/** Texts and numbers in turn, as a path splits at its numbers. */
function compareParts(a: readonly string[], b: readonly string[]): number {
  for (const [i, mine] of a.entries()) {
    const other = b[i];
    if (other === undefined) return 1;
    const order = i % 2 === 1 ? Number(mine) - Number(other) : compareText(mine, other);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
