// Everything about the repository that can be wrong without a test failing: types, lint, format, floors, documents.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const binary = (path) => [process.execPath, `${root}node_modules/${path}`];

const STEPS = [
  { name: 'types', command: [...binary('typescript/bin/tsc'), '-p', 'tsconfig.json', '--noEmit'] },
  {
    name: 'types of the pure floors',
    command: [...binary('typescript/bin/tsc'), '-p', 'tsconfig.pure.json', '--noEmit'],
  },
  { name: 'lint', command: [...binary('eslint/bin/eslint.js'), '.'] },
  { name: 'format', command: [...binary('prettier/bin/prettier.cjs'), '--check', '--log-level', 'warn', '.'] },
  { name: 'floors', command: [process.execPath, 'tools/check-floors.mjs'] },
  { name: 'documents', command: [process.execPath, 'tools/check-docs.mjs'] },
];

let failed = 0;
for (const { name, command } of STEPS) {
  const [program, ...args] = command;
  const start = performance.now();
  const run = spawnSync(program, args, { cwd: root, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  const seconds = ((performance.now() - start) / 1000).toFixed(1).padStart(5);
  const isFine = run.status === 0;
  console.log(`${isFine ? 'ok    ' : 'FAILED'} ${seconds} s  ${name}`);
  if (isFine) continue;
  failed++;
  process.stdout.write(`${run.stdout}${run.stderr}\n`);
}
if (failed > 0) {
  console.log(`${failed} of ${STEPS.length} checks failed`);
  process.exitCode = 1;
}
