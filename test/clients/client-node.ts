import assert from 'node:assert/strict';
import { setTimeout } from 'node:timers/promises';
import { ApiException, KubeConfig } from '@kubernetes/client-node';
import type { ServerProcess } from '../server-process.js';

/** The administrator, as @kubernetes/client-node reads its kubeconfig. */
export function administrator({ kubeconfig }: Pick<ServerProcess, 'kubeconfig'>): KubeConfig {
  const config = new KubeConfig();
  config.loadFromFile(kubeconfig);
  return config;
}

/** What the server said in place of an answer. */
export interface Refusal {
  readonly code: number;
  readonly reason: string | undefined;
  readonly message: string | undefined;
}

/** The refusal that a call of @kubernetes/client-node ends with; fails where it succeeds. */
export async function refusalOf(call: Promise<unknown>): Promise<Refusal> {
  try {
    await call;
  } catch (error) {
    if (!(error instanceof ApiException)) throw error;
    // codes that its generated code does not expect come with the body as text
    const body: unknown = typeof error.body === 'string' ? JSON.parse(error.body) : error.body;
    const { reason, message } = (body ?? {}) as { reason?: string; message?: string };
    return { code: error.code, reason, message };
  }
  return assert.fail('The call was not refused');
}

/** Waits until something is so. What is waited for comes in milliseconds; a busy machine is given a minute. */
export async function until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (!(await isSo())) {
    if (Date.now() > deadline) throw new Error(`It never came: ${what}`);
    await setTimeout(20);
  }
}
