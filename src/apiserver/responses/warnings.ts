const MAX_ITEM_RUNES = 256;
const MAX_TOTAL_RUNES = 4096;

/**
 * The Warning headers of one answer (RFC 9111 §5.5 with code 299). Doubled texts are dropped; once all of them hold
 * more than 4,096 characters, each is cut to 256, and what still does not fit is dropped.
 */
export class Warnings {
  #texts: Set<string> | undefined; // most answers have none

  /** Adds a text; control characters in it become spaces. */
  readonly add = (text: string): void => {
    if (text !== '') (this.#texts ??= new Set()).add(clean(text));
  };

  /** The header's values; undefined when there is none. */
  headers(): readonly string[] | undefined {
    if (this.#texts === undefined) return undefined;
    let texts = [...this.#texts];
    if (total(texts) > MAX_TOTAL_RUNES) {
      texts = texts.map((text) => Array.from(text).slice(0, MAX_ITEM_RUNES).join(''));
      while (total(texts) > MAX_TOTAL_RUNES) texts.pop();
    }
    return texts.map((text) => `299 - "${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`);
  }
}

function total(texts: readonly string[]): number {
  let runes = 0;
  for (const text of texts) runes += Array.from(text).length;
  return runes;
}

/** Header values are sent as Latin-1, so everything else goes as its UTF-8 bytes, as Go sends it. */
function clean(text: string): string {
  const plain = text.replace(/[\u0000-\u001f\u007f-\u009f]/g, ' ');
  return /^[\u0000-\u007f]*$/.test(plain) ? plain : Buffer.from(plain, 'utf8').toString('latin1');
}
