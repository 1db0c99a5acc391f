const SHOWN = 3;

/** A list in a cell: the first three, and how many more there are. */
export function listText(items: readonly string[]): string {
  const text = items.slice(0, SHOWN).join(',');
  return items.length > SHOWN ? `${text} + ${items.length - SHOWN} more...` : text;
}
