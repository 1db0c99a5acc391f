import { CountersignError } from '../../base/error.js';

/** One record and the line, from 1, on which it starts. */
export interface CsvRecord {
  readonly line: number;
  readonly fields: readonly string[];
}

/**
 * Reads CSV (RFC 4180) with LF or CRLF line ends; empty lines are skipped. Refuses with CONFIG_INVALID: a quote inside
 * an unquoted field, text behind a closing quote, and a quote that is never closed.
 */
export function parseCsv(text: string, file: string): readonly CsvRecord[] {
  const records: CsvRecord[] = [];
  let line = 1;
  let at = 0;
  while (at < text.length) {
    const start = line;
    const fields: string[] = [];
    for (;;) {
      const field = readField(text, at, (what) => refusal(file, line, what));
      fields.push(field.value);
      line += field.newlines;
      at = field.end;
      if (text[at] !== ',') break;
      at++;
    }
    if (text[at] === '\r') at++;
    if (text[at] === '\n') at++;
    line++;
    if (fields.length > 1 || fields[0] !== '') records.push({ line: start, fields });
  }
  return records;
}

interface Field {
  readonly value: string;
  /** Where the separator stands. */
  readonly end: number;
  readonly newlines: number;
}

function readField(text: string, at: number, refuse: (what: string) => Error): Field {
  if (text[at] === '"') return readQuoted(text, at + 1, refuse);
  let end = at;
  while (end < text.length && text[end] !== ',' && !endsLine(text, end)) {
    if (text[end] === '"') throw refuse('quote inside an unquoted field');
    end++;
  }
  return { value: text.slice(at, end), end, newlines: 0 };
}

function readQuoted(text: string, at: number, refuse: (what: string) => Error): Field {
  const parts: string[] = [];
  let newlines = 0;
  for (let from = at; ;) {
    const quote = text.indexOf('"', from);
    if (quote < 0) throw refuse('quote is not closed');
    const part = text.slice(from, quote);
    parts.push(part);
    newlines += part.split('\n').length - 1;
    if (text[quote + 1] !== '"') {
      const end = quote + 1;
      if (end < text.length && text[end] !== ',' && !endsLine(text, end)) throw refuse('text behind a closing quote');
      return { value: parts.join('"'), end, newlines };
    }
    from = quote + 2;
  }
}

function endsLine(text: string, at: number): boolean {
  return text[at] === '\n' || (text[at] === '\r' && (text[at + 1] === '\n' || at + 1 === text.length));
}

function refusal(file: string, line: number, what: string): CountersignError {
  return new CountersignError('CONFIG_INVALID', `Cannot read CSV: ${file}:${line}: ${what}`);
}
