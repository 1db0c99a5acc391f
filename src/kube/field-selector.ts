/** One condition on one field. */
export interface FieldRequirement {
  readonly field: string;
  readonly operator: '=' | '!=';
  readonly value: string;
}

/** Conditions that must all hold; none at all selects everything. */
export type FieldSelector = readonly FieldRequirement[];

/** Parses the query parameter. Refuses bad syntax with 400 in the API's words. */
export function parseFieldSelector(text: string): FieldSelector {
  throw new Error(`not yet: ${text}`);
}

/** Refuses a selector over a field that the resource does not have, with 400 in the words of that resource. */
export function assertKnownFields(
  selector: FieldSelector,
  known: readonly string[],
  unknownFieldText: 'plain' | 'known',
): void {
  throw new Error(`not yet: ${selector.length}${known.length}${unknownFieldText}`);
}

/** Whether the fields that `valueOf` reads meet every requirement. */
export function matchesFields(selector: FieldSelector, valueOf: (field: string) => string): boolean {
  throw new Error(`not yet: ${selector.length}${valueOf('')}`);
}

/** The value that a field must equal; undefined where the selector does not pin it. */
export function exactFieldValue(selector: FieldSelector, field: string): string | undefined {
  return selector.find((r) => r.field === field && r.operator === '=')?.value;
}
