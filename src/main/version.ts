import { readFileSync } from 'node:fs';

/** The version of this package, from its package.json. */
export const VERSION: string = readVersion();

function readVersion(): string {
  // two folders up from dist/main and from src/main alike
  const manifest: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  const known = typeof manifest === 'object' && manifest !== null && 'version' in manifest;
  return known && typeof manifest.version === 'string' ? manifest.version : '0.0.0';
}
