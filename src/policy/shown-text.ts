import { printable } from '../base/printable.js';

/** Longest text of a stranger in a sentence of ours, in UTF-16 units. */
const MAX_SHOWN = 120;

/** Text that somebody else wrote, for a sentence of ours: in quotes, without unprintable characters, and cut. */
export function shownText(text: string): string {
  const cut = text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
  return `"${printable(cut.replace(/["\\]/g, '\\$&'))}"`;
}
