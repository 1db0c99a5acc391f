/** Columns with three spaces between them, as kubectl prints them: no padding at the end of a line. */
export function formatTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [header, ...rows];
  const widths = header.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  return lines
    .map(
      (line) =>
        `${line
          .map((cell, column) => cell.padEnd((widths[column] ?? 0) + 3))
          .join('')
          .trimEnd()}\n`,
    )
    .join('');
}

/** `Name:  value` lines with their values in one column; a value of several lines continues below itself. */
export function formatFields(fields: readonly (readonly [name: string, value: string])[], indent = ''): string {
  const width = Math.max(...fields.map(([name]) => name.length)) + 3;
  return fields
    .map(([name, value]) => {
      const lines = value.split('\n');
      const first = `${indent}${`${name}:`.padEnd(width)}${lines[0] ?? ''}`.trimEnd();
      return (
        [first, ...lines.slice(1).map((line) => `${indent}${' '.repeat(width)}${line}`.trimEnd())].join('\n') + '\n'
      );
    })
    .join('');
}
