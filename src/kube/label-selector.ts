/** One condition on one label. */
export interface LabelRequirement {
  readonly key: string;
  readonly operator: '=' | '!=' | 'in' | 'notin' | 'exists' | '!' | 'gt' | 'lt';
  readonly values: readonly string[];
}

/** Conditions that must all hold; none at all selects everything. */
export type LabelSelector = readonly LabelRequirement[];

/** meta/v1 LabelSelector, as objects carry it. */
export interface MetaLabelSelector {
  readonly matchLabels?: Readonly<Record<string, string>>;
  readonly matchExpressions?: readonly {
    readonly key: string;
    readonly operator: string;
    readonly values?: readonly string[];
  }[];
}

/** Parses the query parameter. Refuses bad syntax with 400 in the API's words. */
export function parseLabelSelector(text: string): LabelSelector {
  throw new Error(`not yet: ${text}`);
}

/** The selector of an object's field; undefined (nothing matches) where it is invalid or absent. */
export function fromMetaLabelSelector(selector: MetaLabelSelector | undefined): LabelSelector | undefined {
  throw new Error(`not yet: ${JSON.stringify(selector)}`);
}

/** Whether labels meet every requirement. */
export function matchesLabels(selector: LabelSelector, labels: Readonly<Record<string, string>> | undefined): boolean {
  throw new Error(`not yet: ${selector.length}${JSON.stringify(labels)}`);
}
