/**
 * How one resourceVersion stands to another of the same resource. Kubernetes declares them comparable from 1.35 on, as
 * decimal integers without leading zeros (they always were); anything else is only the same or not.
 */
export type VersionOrder = 'older' | 'same' | 'newer' | 'incomparable';

const DECIMAL = /^[1-9][0-9]*$/;

/** How `a` stands to `b`. Integers of any length: those of a store may be larger than 2^53. */
export function compareResourceVersions(a: string, b: string): VersionOrder {
  if (a === b) return 'same';
  if (!DECIMAL.test(a) || !DECIMAL.test(b)) return 'incomparable';
  if (a.length !== b.length) return a.length < b.length ? 'older' : 'newer';
  return a < b ? 'older' : 'newer';
}
