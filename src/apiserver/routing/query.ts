/** The query of a request: parsed when first asked, which most requests never do. */
export class Query {
  readonly #raw: string;
  #values: Map<string, string[]> | undefined;

  /** `raw` is what follows the question mark, percent-encoded. */
  constructor(raw: string) {
    this.#raw = raw;
  }

  /** The first value of a parameter; empty when it is not there. */
  get(name: string): string {
    return this.#parsed()?.get(name)?.[0] ?? '';
  }

  /** Every value of a parameter. */
  all(name: string): readonly string[] {
    return this.#parsed()?.get(name) ?? [];
  }

  has(name: string): boolean {
    return this.#parsed()?.has(name) ?? false;
  }

  /** A boolean as the API reads it: `false` and `0` are false, anything else that is given is true, even nothing. */
  flag(name: string): boolean | undefined {
    const value = this.#parsed()?.get(name)?.[0];
    if (value === undefined) return undefined;
    return value !== '0' && value.toLowerCase() !== 'false';
  }

  /** The query as it came. */
  get raw(): string {
    return this.#raw;
  }

  #parsed(): Map<string, string[]> | undefined {
    if (this.#raw === '') return undefined;
    this.#values ??= parseQuery(this.#raw);
    return this.#values;
  }
}

const NO_QUERY = new Query('');

/** The query of a target; one shared object for all that have none. */
export function queryOf(raw: string): Query {
  return raw === '' ? NO_QUERY : new Query(raw);
}

/** Pairs that are badly encoded, or hold a semicolon, are dropped, as Go's net/url drops them. */
function parseQuery(raw: string): Map<string, string[]> {
  const values = new Map<string, string[]>();
  for (const pair of raw.split('&')) {
    if (pair === '' || pair.includes(';')) continue;
    const equals = pair.indexOf('=');
    const name = unescapeQuery(equals < 0 ? pair : pair.slice(0, equals));
    const value = equals < 0 ? '' : unescapeQuery(pair.slice(equals + 1));
    if (name === undefined || value === undefined) continue;
    const seen = values.get(name);
    if (seen === undefined) values.set(name, [value]);
    else seen.push(value);
  }
  return values;
}

function unescapeQuery(text: string): string | undefined {
  const spaced = text.includes('+') ? text.replaceAll('+', ' ') : text;
  if (!spaced.includes('%')) return spaced;
  try {
    return decodeURIComponent(spaced);
  } catch {
    return undefined; // decodeURIComponent throws a URIError for bad escapes, and nothing else
  }
}
