import assert from 'node:assert/strict';
import { test } from 'node:test';
import { programName } from './process-environment.js';

for (const { name, script, env, program } of [
  { name: 'our own name', script: '/usr/local/bin/countersign', env: {}, program: 'countersign' },
  { name: 'a kubectl plugin', script: '/usr/local/bin/kubectl-countersign', env: {}, program: 'kubectl countersign' },
  { name: 'npm start', script: 'dist/main/countersign.js', env: { npm_command: 'start' }, program: 'npx countersign' },
  { name: 'npx', script: 'dist/main/countersign.js', env: { npm_command: 'exec' }, program: 'npx countersign' },
  { name: 'a test', script: 'dist/main/countersign.js', env: { npm_command: 'test' }, program: 'countersign' },
]) {
  test(`hints repeat how the user called us: ${name}`, () => assert.equal(programName(script, env), program));
}
