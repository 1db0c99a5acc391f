// Everything about the repository that can be wrong without a test failing: types, lint, format, floors, documents.
import { spawn } from 'node:child_process';
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
  {
    name: 'definitions of our kinds',
    command: [process.execPath, '--import', 'tsx', 'tools/generate-crds.mjs', '--check'],
  },
  { name: 'documents', command: [process.execPath, 'tools/check-docs.mjs'] },
];

/** Two at a time; told of in order. */
const AT_ONCE = 2;

async function run({ command: [program, ...args] }) {
  const start = performance.now();
  const child = spawn(program, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text) => (output += text));
  child.stderr.setEncoding('utf8').on('data', (text) => (output += text));
  const status = await new Promise((resolve) => child.once('close', resolve));
  return { isFine: status === 0, output, seconds: (performance.now() - start) / 1000 };
}

const started = [];
let running = 0;
const waiting = [];
async function whenFree(step) {
  if (running === AT_ONCE) await new Promise((resolve) => waiting.push(resolve));
  running++;
  try {
    return await run(step);
  } finally {
    running--;
    waiting.shift()?.();
  }
}
for (const step of STEPS) started.push(whenFree(step));

let failed = 0;
for (const [i, { name }] of STEPS.entries()) {
  const { isFine, output, seconds } = await started[i];
  console.log(`${isFine ? 'ok    ' : 'FAILED'} ${seconds.toFixed(1).padStart(5)} s  ${name}`);
  if (isFine) continue;
  failed++;
  process.stdout.write(`${output}\n`);
}
if (failed > 0) {
  console.log(`${failed} of ${STEPS.length} checks failed`);
  process.exitCode = 1;
}
