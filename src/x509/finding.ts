/** One thing that is wrong with something that could be read. */
export interface Finding {
  /** A short stable name of the rule: `san-ip-in-dns`. */
  readonly rule: string;
  /** Where: `subject`, `extensions[2]`, `subjectAltNames[0]`. */
  readonly path: string;
  /** What is and what must be, in a sentence without full stop. */
  readonly detail: string;
}

/** Where a description of many findings ends, in characters. */
const MAX_DESCRIPTION = 2048;

/** Findings as one text, `path: detail; path: detail`. Of what would be too long the rest is counted. */
export function describeFindings(findings: readonly Finding[]): string {
  let text = '';
  for (const [i, { path, detail }] of findings.entries()) {
    const next = `${text === '' ? '' : '; '}${path}: ${detail}`;
    if (i > 0 && text.length + next.length > MAX_DESCRIPTION) return `${text}; and ${findings.length - i} more`;
    text += next;
  }
  return text;
}
