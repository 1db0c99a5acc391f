const SUBDOMAIN_MAX = 253;
const LABEL_MAX = 63;

const LABEL_FORMAT = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const SUBDOMAIN_FORMAT = `${LABEL_FORMAT}(\\.${LABEL_FORMAT})*`;
const LABEL_1035_FORMAT = '[a-z]([-a-z0-9]*[a-z0-9])?';
const QUALIFIED_FORMAT = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]';

const SUBDOMAIN_PROBLEM = formatProblem(
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
  SUBDOMAIN_FORMAT,
  'example.com',
);
const LABEL_PROBLEM = formatProblem(
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character",
  LABEL_FORMAT,
  'my-name',
  '123-abc',
);
const LABEL_1035_PROBLEM = formatProblem(
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character",
  LABEL_1035_FORMAT,
  'my-name',
  'abc-123',
);
const QUALIFIED_PROBLEM = formatProblem(
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
  QUALIFIED_FORMAT,
  'MyName',
  'my.name',
  '123-abc',
);
const LABEL_VALUE_PROBLEM = formatProblem(
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
  `(${QUALIFIED_FORMAT})?`,
  'MyValue',
  'my_value',
  '12345',
);

/**
 * The text for a value that does not have its format: what it must be, examples, and the regular expression. The
 * commas of the API stay as they are.
 */
export function formatProblem(what: string, format: string, ...examples: readonly string[]): string {
  const shown = examples.map((e) => `'${e}', `).join(' or ');
  return `${what} (${shown === '' ? '' : `e.g. ${shown}`}regex used for validation is '${format}')`;
}

/** The text for a value that has too many bytes. */
export function lengthProblem(maxBytes: number): string {
  return `must be no more than ${maxBytes} bytes`;
}

/** Bytes of a string in UTF-8, without encoding it. */
export function byteLength(text: string): number {
  let bytes = text.length;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x80) continue;
    if (code < 0x800) bytes += 1;
    else if (code >= 0xd800 && code <= 0xdbff && (text.charCodeAt(i + 1) & 0xfc00) === 0xdc00) {
      bytes += 2; // two units, four bytes
      i++;
    } else bytes += 2;
  }
  return bytes;
}

/**
 * Problems of a DNS subdomain of RFC 1123, at most 253 bytes long; `prefix` when more follows it (generateName), which
 * forgives a dash at the end.
 */
export function dnsSubdomainProblems(name: string, prefix = false): readonly string[] {
  const masked = prefix ? maskTrailingDash(name) : name;
  const problems: string[] = [];
  if (byteLength(masked) > SUBDOMAIN_MAX) problems.push(lengthProblem(SUBDOMAIN_MAX));
  if (!hasSubdomainFormat(masked)) problems.push(SUBDOMAIN_PROBLEM);
  return problems;
}

/** Whether it is a DNS subdomain of RFC 1123. */
export function isDnsSubdomain(name: string): boolean {
  return name.length <= SUBDOMAIN_MAX && hasSubdomainFormat(name);
}

/** Problems of a DNS label of RFC 1123, at most 63 bytes long; `prefix` as for subdomains. */
export function dnsLabelProblems(name: string, prefix = false): readonly string[] {
  const masked = prefix ? maskTrailingDash(name) : name;
  const problems: string[] = [];
  if (byteLength(masked) > LABEL_MAX) problems.push(lengthProblem(LABEL_MAX));
  if (!hasLabelFormat(masked, 0, masked.length)) {
    problems.push(hasSubdomainFormat(masked) ? 'must not contain dots' : LABEL_PROBLEM);
  }
  return problems;
}

/** Whether it is a DNS label of RFC 1123. */
export function isDnsLabel(name: string): boolean {
  return name.length <= LABEL_MAX && hasLabelFormat(name, 0, name.length);
}

/** Problems of a DNS label of RFC 1035, which starts with a letter. */
export function dns1035LabelProblems(name: string, prefix = false): readonly string[] {
  const masked = prefix ? maskTrailingDash(name) : name;
  const problems: string[] = [];
  if (byteLength(masked) > LABEL_MAX) problems.push(lengthProblem(LABEL_MAX));
  if (!hasLabelFormat(masked, 0, masked.length) || isDigit(masked.charCodeAt(0))) problems.push(LABEL_1035_PROBLEM);
  return problems;
}

/** Problems of a name that must only be one segment of a path; a prefix may be `.` or `..`. */
export function pathSegmentProblems(name: string, prefix = false): readonly string[] {
  if (!prefix && (name === '.' || name === '..')) return [`may not be '${name}'`];
  return ['/', '%'].filter((c) => name.includes(c)).map((c) => `may not contain '${c}'`);
}

/** Problems of a qualified name: `name` or `dns.subdomain/name`, as label keys, annotation keys and finalizers are. */
export function qualifiedNameProblems(name: string): readonly string[] {
  const slash = name.indexOf('/');
  if (slash !== name.lastIndexOf('/')) {
    return [
      `a qualified name ${QUALIFIED_PROBLEM} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    ];
  }
  const problems: string[] = [];
  if (slash === 0) problems.push('prefix part must be non-empty');
  else if (slash > 0) {
    for (const problem of dnsSubdomainProblems(name.slice(0, slash))) problems.push(`prefix part ${problem}`);
  }
  const local = name.slice(slash + 1);
  if (local === '') problems.push('name part must be non-empty');
  else if (byteLength(local) > LABEL_MAX) problems.push(`name part ${lengthProblem(LABEL_MAX)}`);
  if (!hasQualifiedFormat(local)) problems.push(`name part ${QUALIFIED_PROBLEM}`);
  return problems;
}

/** Problems of a label's value: empty, or at most 63 bytes of the alphabet of names. */
export function labelValueProblems(value: string): readonly string[] {
  const problems: string[] = [];
  if (byteLength(value) > LABEL_MAX) problems.push(lengthProblem(LABEL_MAX));
  if (value !== '' && !hasQualifiedFormat(value)) problems.push(LABEL_VALUE_PROBLEM);
  return problems;
}

/** A prefix that ends in a dash is judged as if a letter stood for its last two characters. */
function maskTrailingDash(name: string): string {
  return name.length > 1 && name.endsWith('-') ? `${name.slice(0, -2)}a` : name;
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

function isLower(code: number): boolean {
  return code >= 97 && code <= 122;
}

function isUpper(code: number): boolean {
  return code >= 65 && code <= 90;
}

/** One label between `start` and `end`: lower-case letters and digits, dashes between them. */
function hasLabelFormat(text: string, start: number, end: number): boolean {
  if (end <= start || text.charCodeAt(start) === 45 || text.charCodeAt(end - 1) === 45) return false;
  for (let i = start; i < end; i++) {
    const code = text.charCodeAt(i);
    if (!isLower(code) && !isDigit(code) && code !== 45) return false;
  }
  return true;
}

function hasSubdomainFormat(text: string): boolean {
  for (let start = 0; ;) {
    const dot = text.indexOf('.', start);
    if (!hasLabelFormat(text, start, dot < 0 ? text.length : dot)) return false;
    if (dot < 0) return true;
    start = dot + 1;
  }
}

/** Letters and digits at both ends; dashes, underscores and dots between them. */
function hasQualifiedFormat(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (isLower(code) || isUpper(code) || isDigit(code)) continue;
    const inner = i > 0 && i < text.length - 1;
    if (!inner || (code !== 45 && code !== 95 && code !== 46)) return false;
  }
  return text !== '';
}
