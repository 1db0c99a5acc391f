import { readFileSync } from 'node:fs';
import { parseHex } from '../../src/base/bytes.js';

/** Requests and certificates with everything in them, always the same, so that a seed gives the same run. */
export interface Corpus {
  readonly requests: readonly Uint8Array[];
  readonly certificates: readonly Uint8Array[];
}

/** Reads test/vectors/x509-corpus. */
export function readCorpus(): Corpus {
  const file = new URL('../vectors/x509-corpus/corpus.json', import.meta.url);
  // The file is ours: its form is that of make-corpus.ts.
  const { requests, certificates } = JSON.parse(readFileSync(file, 'utf8')) as Record<keyof Corpus, readonly string[]>;
  const bytes = (hex: string): Uint8Array => parseHex(hex) ?? new Uint8Array();
  return { requests: requests.map(bytes), certificates: certificates.map(bytes) };
}
