/** One choice of an Accept header. */
export interface AcceptClause {
  readonly type: string;
  readonly subtype: string;
  /** Names in lower case, values without quotes. */
  readonly parameters: ReadonlyMap<string, string>;
}

/** Clients send the same few headers over and over. */
const parsed = new Map<string, readonly AcceptClause[]>();
const REMEMBERED = 256;
const REMEMBERED_LENGTH = 512;

/**
 * The choices of an Accept header, best first: by quality, then as they stand (RFC 9110 §12.5.1). What is no media
 * range, or has quality 0, is left out.
 */
export function parseAccept(header: string): readonly AcceptClause[] {
  const known = parsed.get(header);
  if (known !== undefined) return known;
  const clauses = header
    .split(',')
    .map(parseClause)
    .filter((clause) => clause !== undefined)
    .filter((clause) => clause.quality > 0)
    .sort((a, b) => b.quality - a.quality);
  if (header.length > REMEMBERED_LENGTH) return clauses;
  if (parsed.size >= REMEMBERED) parsed.clear();
  parsed.set(header, clauses);
  return clauses;
}

function parseClause(text: string): (AcceptClause & { readonly quality: number }) | undefined {
  const [range = '', ...rest] = text.split(';');
  const [type = '', subtype = '', ...more] = range.trim().toLowerCase().split('/');
  if (type === '' || more.length > 0) return undefined;
  if (subtype === '' && type !== '*') return undefined;
  const parameters = new Map<string, string>();
  let quality = 1;
  for (const parameter of rest) {
    const equals = parameter.indexOf('=');
    if (equals < 0) continue;
    const name = parameter.slice(0, equals).trim().toLowerCase();
    const value = parameter
      .slice(equals + 1)
      .trim()
      .replace(/^"|"$/g, '');
    if (name === 'q') quality = Number(value);
    else parameters.set(name, value);
  }
  return { type, subtype: subtype === '' ? '*' : subtype, parameters, quality: Number.isFinite(quality) ? quality : 0 };
}
