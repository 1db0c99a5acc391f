// Runs the tests with node:test. Without arguments: every *.test.ts under src/ and test/ except *.slow.test.ts.
//   --slow        only the *.slow.test.ts files (long fuzz, crash loops)
//   FILE|FOLDER…  only these
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const args = process.argv.slice(2);
const slow = args.includes('--slow');
const wanted = args.filter((a) => !a.startsWith('--'));

function testsUnder(path) {
  if (statSync(path).isFile()) return [path];
  return readdirSync(path, { withFileTypes: true }).flatMap((entry) => {
    const child = join(path, entry.name);
    if (entry.isDirectory()) return testsUnder(child);
    return entry.name.endsWith('.test.ts') ? [child] : [];
  });
}

const roots = wanted.length > 0 ? wanted : ['src', 'test'];
const files = roots
  .flatMap((path) => testsUnder(join(root, path)))
  .filter((path) => wanted.length > 0 || path.endsWith('.slow.test.ts') === slow)
  .sort();
if (files.length === 0) {
  console.error('no test files found');
  process.exit(1);
}
const run = spawnSync(
  process.execPath,
  ['--import', 'tsx', '--test', '--test-concurrency=2', '--test-reporter=spec', ...files],
  { cwd: root, stdio: 'inherit' },
);
process.exit(run.status ?? 1);
