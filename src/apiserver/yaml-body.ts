/** A YAML document as JSON values, and its doubled keys in the words of the API server's YAML reader. */
export interface YamlBody {
  readonly value: unknown;
  readonly duplicates: readonly string[];
}

/** Reads one YAML document. Throws OBJECT_MALFORMED. Aliases, tags and several documents are bounded or refused. */
export async function parseYamlBody(text: string): Promise<YamlBody> {
  throw new Error(`not yet: ${text}`);
}

/** Writes a JSON value as YAML, for `Accept: application/yaml`. */
export async function formatYaml(value: unknown): Promise<string> {
  throw new Error(`not yet: ${String(value)}`);
}
