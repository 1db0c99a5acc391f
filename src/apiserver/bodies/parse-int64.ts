import { badRequest } from '../../kube/status.js';

/** A whole number of a query parameter; 400 in the words of Go's strconv for anything else. */
export function parseInt64(text: string): number {
  const number = /^[+-]?\d{1,20}$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isNaN(number)) throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`);
  if (Math.abs(number) >= 2 ** 63) {
    throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: value out of range`);
  }
  return number;
}
