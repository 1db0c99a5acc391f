import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { runCommand } from '../command.js';

/** A command, and what kubectl says to it. */
export interface KubectlStep {
  /** The words after `kubectl`, with one space between them. */
  readonly run: string;
  readonly stdin?: string;
  /** A command line for `kubectl edit`; the file's name is put behind it. */
  readonly editor?: string;
  /** How it ends; 0 where it is not said. */
  readonly code?: number;
  readonly out?: RegExp;
  readonly err?: RegExp;
}

/** A kubectl, and the server it speaks to. */
export interface KubectlOn {
  readonly program: string;
  readonly server: { readonly kubeconfig: string; readonly folder: string };
}

/** Runs the commands one after the other, each a test of its own. */
export async function runSteps(t: TestContext, on: KubectlOn, steps: readonly KubectlStep[]): Promise<void> {
  for (const step of steps) await t.test(`kubectl ${step.run}`, () => runStep(on, step));
}

/** Does the tutorial, cfssl's part and all, and fails where a check of it does. */
export async function runTutorial({ program, server }: KubectlOn): Promise<void> {
  const script = fileURLToPath(new URL('../acceptance/tutorial.sh', import.meta.url));
  const env = { ...process.env, HOME: server.folder, KUBECONFIG: server.kubeconfig, KUBECTL: program };
  const done = await runCommand('bash', [script], { env });
  assert.match(done.stdout, /^tutorial: ok \(\d+ checks\)$/m, done.stderr);
}

async function runStep({ program, server }: KubectlOn, step: KubectlStep): Promise<void> {
  // kubectl remembers what servers have said under its user's home.
  const env: NodeJS.ProcessEnv = { ...process.env, HOME: server.folder, KUBECONFIG: server.kubeconfig };
  if (step.editor !== undefined) env['KUBE_EDITOR'] = step.editor;
  const { code, stdout, stderr } = await runCommand(program, step.run.split(' '), {
    env,
    ...(step.stdin === undefined ? {} : { stdin: step.stdin }),
  });
  const said = `kubectl ${step.run} ended with ${String(code)}\n${stdout}${stderr}`;
  assert.equal(code, step.code ?? 0, said);
  if (step.out !== undefined) assert.match(stdout, step.out, said);
  if (step.err !== undefined) assert.match(stderr, step.err, said);
}

/** A ConfigMap as JSON. */
export function configMap(name: string, rest: object): string {
  const { metadata = {}, ...others } = rest as { readonly metadata?: object };
  return JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, ...metadata }, ...others });
}

/** Objects in one object of kind `List`. */
export function listOf(...items: readonly string[]): string {
  return `{"apiVersion":"v1","kind":"List","items":[${items.join(',')}]}`;
}
