const ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';
const SUFFIX_LENGTH = 8;

/**
 * A name for a slice: always the same for the same content and the same `taken`, so that whoever is not sure whether it
 * made a slice tries to make the very same one again.
 */
export function sliceName(service: string, content: string, taken: ReadonlySet<string>): string {
  for (let attempt = 0; ; attempt++) {
    const name = `${service}-${suffixOf(`${attempt} ${content}`)}`;
    if (!taken.has(name)) return name;
  }
}

function suffixOf(text: string): string {
  let suffix = '';
  // two halves of 32 bits, each good for four letters
  for (const seed of [0x811c9dc5, 0x9747b28c]) {
    let hash = fnv1a(text, seed);
    for (let i = 0; i < SUFFIX_LENGTH / 2; i++) {
      suffix += ALPHABET.charAt(hash % ALPHABET.length);
      hash = Math.floor(hash / ALPHABET.length);
    }
  }
  return suffix;
}

/** FNV-1a over UTF-16 units: for spreading names, not for secrets. */
function fnv1a(text: string, seed: number): number {
  let hash = seed;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}
