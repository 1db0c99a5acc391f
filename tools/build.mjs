// Compiles src/ to dist/ and makes the command-line entry executable.
import { chmodSync, existsSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const tsc = fileURLToPath(new URL('../node_modules/typescript/bin/tsc', import.meta.url));
const built = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.build.json'], { cwd: root, stdio: 'inherit' });
if (built.status !== 0) process.exit(built.status ?? 1);
for (const entry of ['dist/main/countersign.js']) {
  const path = `${root}/${entry}`;
  if (existsSync(path)) chmodSync(path, 0o755);
}
