import { duplicate, tooLong, tooMany, type FieldError } from '../kube/field-error.js';
import { byteLength } from '../kube/names.js';

/** Most entries of a list of texts. */
export const MAX_TEXTS = 1000;
/** Most entries of a list of records. */
export const MAX_RECORDS = 100;
/** Longest text in a list, in bytes. */
const MAX_TEXT_BYTES = 1024;

/** What is wrong with one text, at `field`. */
export type TextRule = (text: string, field: string) => readonly FieldError[];

/** Checks a list of texts: its length, that none stands twice, and each by a rule. Texts beyond the limit are not looked at. */
export function validateTexts(
  texts: readonly string[] | undefined,
  field: string,
  rule: TextRule,
): readonly FieldError[] {
  const seen = new Set<string>();
  return validateItems(texts, field, MAX_TEXTS, (text, at) => {
    if (seen.has(text)) return [duplicate(at, text)];
    seen.add(text);
    return byteLength(text) > MAX_TEXT_BYTES ? [tooLong(at, MAX_TEXT_BYTES)] : rule(text, at);
  });
}

/** Checks a list of at most `maxItems`, each by a rule. Items beyond the limit are not looked at. */
export function validateItems<Item>(
  items: readonly Item[] | undefined,
  field: string,
  maxItems: number,
  rule: (item: Item, field: string) => readonly FieldError[],
): readonly FieldError[] {
  if (items === undefined) return [];
  const overlong = items.length > maxItems ? [tooMany(field, items.length, maxItems)] : [];
  return [...overlong, ...items.slice(0, maxItems).flatMap((item, i) => rule(item, `${field}[${i}]`))];
}
