import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
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
  skipLoudly(t, `${tool} is not installed: this test did not run`);
  return false;
}

/** Releases of kubectl that `.ci/run` fetches beside the machine's, and where they are when nothing else says it. */
const FETCHED_KUBECTLS = {
  '1.20': { variable: 'KUBECTL_1_20', folder: 'kubectl-1.20' },
  newest: { variable: 'KUBECTL_NEWEST', folder: 'kubectl-newest' },
} as const;

/** The path of a kubectl that is not the machine's; undefined where it is not there, and the test is skipped or fails. */
export function requireKubectl(t: TestContext, release: keyof typeof FETCHED_KUBECTLS): string | undefined {
  const { variable, folder } = FETCHED_KUBECTLS[release];
  const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
  const path = process.env[variable] ?? join(cache, 'countersign-ci', folder, 'usr/bin/kubectl');
  if (existsSync(path)) return path;
  skipLoudly(t, `kubectl ${release} is not at ${path}, nor does ${variable} name it: this test did not run`);
  return undefined;
}

/** A Python that has this module: the system's before the first of PATH. Where there is none: as with `requireTool`. */
export function requirePythonModule(t: TestContext, module: string): string | undefined {
  const found = ['/usr/bin/python3', 'python3'].find(
    (python) => spawnSync(python, ['-c', `import ${module}`]).status === 0,
  );
  if (found === undefined) skipLoudly(t, `python3-${module} is not installed: this test did not run`);
  return found;
}

function skipLoudly(t: TestContext, message: string): void {
  if (process.env['CI'] === 'true') throw new Error(message);
  process.stderr.write(`\n*** SKIPPED: ${message}\n`);
  t.skip(message);
}
