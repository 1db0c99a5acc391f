import { printable } from '../base/printable.js';

/** A name as it stands in a command that somebody will copy: names may hold anything but a slash and a percent sign. */
export function shellWord(name: string): string {
  return /^[A-Za-z0-9._:-]+$/.test(name) ? name : `'${printable(name).replaceAll("'", String.raw`'\''`)}'`;
}
