import { DerError, type DerProblem } from './der-error.js';
import {
  bitStringProblem,
  DerReader,
  integerProblem,
  isBoolean,
  type DerElement,
  type DerLimits,
} from './der-reader.js';
import { isString, stringTypeOf } from './der-string.js';
import { parseGeneralizedTime, parseUtcTime } from './der-time.js';
import { compareDer } from './der-writer.js';
import { checkOid } from './oid.js';
import { TAG } from './tag.js';

/**
 * Refuses (DerError) anything in `der` that is not DER, all the way down: lengths and tags, INTEGER, BOOLEAN, BIT STRING,
 * OBJECT IDENTIFIER, NULL, times, character strings, the order of SET OF, and octets after the one element that is
 * allowed. What lies under a context tag or in an OCTET STRING has no type here and is taken as it is, unless it is
 * constructed.
 */
export function checkDer(der: Uint8Array, limits: DerLimits = {}): void {
  const reader = new DerReader(der, limits);
  reader.next();
  reader.end();
  new DerReader(der, limits).walk((tag, start, contentStart, end) => {
    const problem = elementProblem(der, tag, contentStart, end);
    if (problem !== undefined) throw new DerError(problem, start);
    if (tag === TAG.set) checkOrder(new DerReader(der, limits).enter({ tag, start, contentStart, end }));
  });
}

function checkOrder(set: DerReader): void {
  let previous: DerElement | undefined;
  while (!set.isEmpty) {
    const child = set.next();
    if (previous !== undefined && compareDer(set.der(previous), set.der(child)) > 0) {
      throw new DerError('set-order', child.start);
    }
    previous = child;
  }
}

function elementProblem(der: Uint8Array, tag: number, start: number, end: number): DerProblem | undefined {
  if (tag >= 0x40 || tag === TAG.sequence || tag === TAG.set) return undefined;
  switch (tag) {
    case TAG.boolean:
      return isBoolean(der, start, end) ? undefined : 'boolean';
    case TAG.integer:
    case TAG.enumerated:
      return integerProblem(der, start, end);
    case TAG.bitString:
      return bitStringProblem(der, start, end);
    case TAG.null:
      return start === end ? undefined : 'null';
    case TAG.oid:
      checkOid(der, start, end);
      return undefined;
    case TAG.utcTime:
      return parseUtcTime(der.subarray(start, end)) === undefined ? 'time' : undefined;
    case TAG.generalizedTime:
      return parseGeneralizedTime(der.subarray(start, end)) === undefined ? 'time' : undefined;
    default:
      return otherProblem(der, tag, start, end);
  }
}

/** Strings, and universal types in the form that DER does not have: only SEQUENCE and SET are constructed (X.690 §10.2). */
function otherProblem(der: Uint8Array, tag: number, start: number, end: number): DerProblem | undefined {
  if ((tag & 0x20) !== 0 || tag === 0x10 || tag === 0x11) return 'constructed-primitive';
  const type = stringTypeOf(tag);
  return type === undefined || isString(type, der.subarray(start, end)) ? undefined : 'string';
}
