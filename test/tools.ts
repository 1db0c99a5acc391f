import { spawnSync } from 'node:child_process';
import type { TestContext } from 'node:test';

/** Whether a program is installed; for what is decided before there is a test. */
export function isInstalled(tool: string): boolean {
  return spawnSync('sh', ['-c', `command -v ${tool}`]).status === 0;
}

/**
 * Whether a program that a test needs is installed. Where it is not: under CI the test fails, elsewhere it is skipped
 * with a message that names the program.
 */
export function requireTool(t: TestContext, tool: string): boolean {
  if (isInstalled(tool)) return true;
  const message = `${tool} is not installed: this test did not run`;
  if (process.env['CI'] === 'true') throw new Error(message);
  process.stderr.write(`\n*** SKIPPED: ${message}\n`);
  t.skip(message);
  return false;
}
