import { badRequest } from './status.js';

/** One condition on one field. */
export interface FieldRequirement {
  readonly field: string;
  readonly operator: '=' | '!=';
  readonly value: string;
}

/** Conditions that must all hold; none at all selects everything. */
export type FieldSelector = readonly FieldRequirement[];

/**
 * Parses the query parameter: terms of `=`, `==` and `!=` joined by commas, with `\` before a comma, an equals sign or
 * a backslash of a value. Refuses bad syntax with 400 in the API's words.
 */
export function parseFieldSelector(text: string): FieldSelector {
  const requirements: FieldRequirement[] = [];
  for (const term of splitTerms(text).toSorted()) {
    if (term === '') continue;
    const split = splitOperator(term);
    if (split === undefined) throw badRequest(`invalid selector: '${text}'; can't understand '${term}'`);
    requirements.push({ field: split.field, operator: split.operator, value: unescape(split.value) });
  }
  return requirements;
}

/** Refuses a selector over a field that the resource does not have, with 400 in the words of that resource. */
export function assertKnownFields(
  selector: FieldSelector,
  known: readonly string[],
  unknownFieldText: 'plain' | 'known',
): void {
  const unknown = selector.find((r) => !known.includes(r.field));
  if (unknown === undefined) return;
  throw badRequest(
    unknownFieldText === 'plain'
      ? `field label not supported: ${unknown.field}`
      : `${JSON.stringify(unknown.field)} is not a known field selector: only ${known.map((k) => JSON.stringify(k)).join(', ')}`,
  );
}

/** Whether the fields that `valueOf` reads meet every requirement. */
export function matchesFields(selector: FieldSelector, valueOf: (field: string) => string): boolean {
  return selector.every((r) => (valueOf(r.field) === r.value) === (r.operator === '='));
}

/** The value that a field must equal; undefined where the selector does not pin it. */
export function exactFieldValue(selector: FieldSelector, field: string): string | undefined {
  return selector.find((r) => r.field === field && r.operator === '=')?.value;
}

function splitTerms(text: string): readonly string[] {
  const terms: string[] = [];
  let start = 0;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '\\') i++;
    else if (text[i] === ',') {
      terms.push(text.slice(start, i));
      start = i + 1;
    }
  }
  terms.push(text.slice(start));
  return terms;
}

/** Splits at the first operator, wherever it stands. */
function splitOperator(
  term: string,
): { readonly field: string; readonly operator: '=' | '!='; readonly value: string } | undefined {
  const equals = term.indexOf('=');
  const differs = term.indexOf('!=');
  if (equals < 0) return undefined;
  if (differs >= 0 && differs < equals) {
    return { field: term.slice(0, differs), operator: '!=', value: term.slice(differs + 2) };
  }
  const end = term[equals + 1] === '=' ? equals + 2 : equals + 1;
  return { field: term.slice(0, equals), operator: '=', value: term.slice(end) };
}

/** Takes away the backslashes of a value; any other use of one, and a bare `=`, is refused. */
function unescape(value: string): string {
  let plain = '';
  for (let i = 0; i < value.length; i++) {
    const c = value.charAt(i);
    // The API prints the character's number.
    if (c === '=') throw badRequest(`invalid field selector: unescaped character in value: ${c.charCodeAt(0)}`);
    if (c !== '\\') {
      plain += c;
      continue;
    }
    const escaped = value.charAt(++i);
    if (escaped !== '\\' && escaped !== ',' && escaped !== '=') {
      throw badRequest(`invalid field selector: invalid escape sequence: \\${escaped}`);
    }
    plain += escaped;
  }
  return plain;
}
