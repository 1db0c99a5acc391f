import type { Environment } from '../environment.js';

/** What stands in front of a line. */
export type Mark = 'yes' | 'no' | 'wait' | 'note';

/** How a page is drawn for who looks at it. */
export interface Style {
  mark(mark: Mark): string;
  /** Columns that a mark takes. */
  readonly width: number;
  title(text: string): string;
}

const SIGNS: Readonly<Record<Mark, string>> = { yes: '✓', no: '✗', wait: '…', note: '·' };
const WORDS: Readonly<Record<Mark, string>> = { yes: '[yes]', no: '[no] ', wait: '[...]', note: '  -  ' };
const COLOURS: Readonly<Record<Mark, string>> = { yes: '32', no: '31', wait: '33', note: '2' };

/** Signs where the locale has UTF-8, words otherwise; colours on a terminal only, and not with NO_COLOR. */
export function styleFor({ env, stdout }: Pick<Environment, 'env' | 'stdout'>): Style {
  const locale = [env['LC_ALL'], env['LC_CTYPE'], env['LANG']].find((value) => value !== undefined && value !== '');
  const signs = /utf-?8/i.test(locale ?? '') ? SIGNS : WORDS;
  const coloured = stdout.isTerminal && (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb';
  const paint = (text: string, code: string): string => (coloured ? `\u001b[${code}m${text}\u001b[0m` : text);
  return {
    width: signs.yes.length,
    mark: (mark) => paint(signs[mark], COLOURS[mark]),
    title: (text) => paint(text, '1'),
  };
}
