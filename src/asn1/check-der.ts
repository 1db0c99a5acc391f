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
import { decodeOid } from './oid.js';
import { TAG } from './tag.js';

/**
 * Refuses (DerError) anything in `der` that is not DER, all the way down: lengths and tags, INTEGER, BOOLEAN, BIT STRING,
 * OBJECT IDENTIFIER, NULL, times, character strings, the order of SET OF, and octets after the one element that is
 * allowed. What lies under a context tag or in an OCTET STRING has no type here and is taken as it is, unless it is
 * constructed.
 */
export function checkDer(der: Uint8Array, limits: DerLimits = {}): void {
  const reader = new DerReader(der, limits);
  checkElement(reader, reader.next());
  reader.end();
}

function checkElement(reader: DerReader, element: DerElement): void {
  if ((element.tag & 0x20) === 0) {
    checkPrimitive(reader, element);
    return;
  }
  // Of the universal types only SEQUENCE and SET are constructed in DER (X.690 §10.2).
  if (element.tag < 0x40 && element.tag !== TAG.sequence && element.tag !== TAG.set) {
    throw new DerError('constructed-primitive', element.start);
  }
  const inner = reader.enter(element);
  let previous: Uint8Array | undefined;
  while (!inner.isEmpty) {
    const child = inner.next();
    checkElement(inner, child);
    if (element.tag !== TAG.set) continue;
    const encoded = inner.der(child);
    if (previous !== undefined && compareDer(previous, encoded) > 0) throw new DerError('set-order', child.start);
    previous = encoded;
  }
}

function checkPrimitive(reader: DerReader, element: DerElement): void {
  if (element.tag >= 0x40) return;
  const content = reader.content(element);
  const problem = primitiveProblem(element, content);
  if (problem !== undefined) throw new DerError(problem, element.start);
}

function primitiveProblem(element: DerElement, content: Uint8Array): DerProblem | undefined {
  switch (element.tag) {
    case TAG.boolean:
      return isBoolean(content) ? undefined : 'boolean';
    case TAG.integer:
    case TAG.enumerated:
      return integerProblem(content);
    case TAG.bitString:
      return bitStringProblem(content);
    case TAG.null:
      return content.length === 0 ? undefined : 'null';
    case TAG.oid:
      decodeOid(content, element.contentStart);
      return undefined;
    case TAG.utcTime:
      return parseUtcTime(content) === undefined ? 'time' : undefined;
    case TAG.generalizedTime:
      return parseGeneralizedTime(content) === undefined ? 'time' : undefined;
    case 0x10:
    case 0x11:
      return 'constructed-primitive';
    default: {
      const type = stringTypeOf(element.tag);
      return type === undefined || isString(type, content) ? undefined : 'string';
    }
  }
}
