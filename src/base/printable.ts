/**
 * Text from somebody else, safe for a terminal: control characters, escape sequences, bidirectional overrides and
 * invisible characters are shown as `\u{…}`, so that a name cannot pretend to be another one on the screen.
 */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/gu, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return `\\u{${code.toString(16)}}`;
  });
}
