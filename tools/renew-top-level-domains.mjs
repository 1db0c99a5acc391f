// Renews src/policy/top-level-domains.ts from the npm package `tlds`, which follows IANA's list of top-level domains
// (public domain). The package is read in a temporary folder and is no dependency.
//   renew-top-level-domains.mjs
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as prettier from 'prettier';

const target = fileURLToPath(new URL('../src/policy/top-level-domains.ts', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'countersign-tlds-'));
try {
  execFileSync('npm', ['install', '--silent', '--no-save', '--ignore-scripts', '--prefix', folder, 'tlds']);
  const from = join(folder, 'node_modules', 'tlds');
  const { version } = JSON.parse(readFileSync(join(from, 'package.json'), 'utf8'));
  const published = JSON.parse(execFileSync('npm', ['view', 'tlds', 'time', '--json'], { encoding: 'utf8' }))[version];
  const all = JSON.parse(readFileSync(join(from, 'index.json'), 'utf8'));
  if (!Array.isArray(all) || all.length < 1000) throw new Error('the package holds no list of domains');
  // two letters and internationalized names are told by their form
  const labels = all.filter((label) => /^[a-z0-9-]{3,63}$/.test(label) && !label.startsWith('xn--')).sort();
  const text = `/**
 * Top-level domains of three and more letters, as IANA delegates them (public domain). Source: npm package tlds
 * ${version} of ${published.slice(0, 10)}, written by tools/renew-top-level-domains.mjs.
 */
export const TOP_LEVEL_DOMAINS: ReadonlySet<string> = new Set(
  \`
${wrapped(labels)}
\`
    .trim()
    .split(/\\s+/),
);
`;
  const options = await prettier.resolveConfig(target);
  writeFileSync(target, await prettier.format(text, { ...options, filepath: target }));
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** Words in lines of at most 120 characters. */
function wrapped(words) {
  const lines = [''];
  for (const word of words) {
    const line = lines.at(-1);
    if (line.length + word.length + 1 > 120) lines.push(word);
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`;
  }
  return lines.join('\n');
}
