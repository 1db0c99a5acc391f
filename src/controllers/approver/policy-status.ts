import { formatTime } from '../../kube/time.js';
import type { UnixSeconds } from '../../base/clock.js';
import type { ApprovalPolicy, PolicyCondition } from '../../certificates/approval-policy.js';
import { hasHttpCode } from '../../client/api-failure.js';
import type { Client } from '../../client/client.js';
import type { Informer } from '../../client/informer.js';
import { APPROVAL_POLICIES } from '../../client/resources.js';
import { createController, watched, type Applied, type Controller, type Decision } from '../runtime/controller.js';
import type { KnownPolicy } from './policy-source.js';

/** What the loop is made with. */
export interface PolicyStatusOptions {
  readonly client: Client;
  readonly policies: Informer<KnownPolicy>;
}

const READY = 'Ready';
const MAX_MESSAGE = 4096;

/** Says in the status of each policy whether the approver goes by it, and why not. */
export function createPolicyStatus({ client, policies }: PolicyStatusOptions): Controller {
  return createController<KnownPolicy | undefined, ApprovalPolicy>({
    name: 'policy-status',
    watches: [watched(policies)],
    observe: (name) => policies.get(name),
    decide: decidePolicyStatus,
    apply: (policy, signal) => write(client, policy, signal),
  });
}

/** The policy with the condition that it lacks; done where it says already what is so. */
export function decidePolicyStatus(seen: KnownPolicy | undefined, now: UnixSeconds): Decision<ApprovalPolicy> {
  if (seen === undefined) return { kind: 'done' };
  const { policy } = seen;
  const conditions = policy.status?.conditions ?? [];
  const current = conditions.find(({ type }) => type === READY);
  const wanted = readyCondition(seen, current, formatTime(now));
  if (current !== undefined && saysTheSame(current, wanted)) return { kind: 'done' };
  const others = conditions.filter(({ type }) => type !== READY);
  return { kind: 'act', actions: [{ ...policy, status: { ...policy.status, conditions: [...others, wanted] } }] };
}

function readyCondition(
  { policy, compiled }: KnownPolicy,
  current: PolicyCondition | undefined,
  now: string,
): PolicyCondition {
  const status = compiled.kind === 'ready' ? 'True' : 'False';
  const { generation } = policy.metadata;
  return {
    type: READY,
    status,
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    lastTransitionTime: current?.status === status ? (current.lastTransitionTime ?? now) : now,
    ...(compiled.kind === 'ready'
      ? { reason: 'Compiled', message: `the approver goes by it in mode ${compiled.mode}` }
      : { reason: 'Invalid', message: cut(compiled.because) }),
  };
}

function saysTheSame(one: PolicyCondition, other: PolicyCondition): boolean {
  return (
    one.status === other.status &&
    one.observedGeneration === other.observedGeneration &&
    one.reason === other.reason &&
    one.message === other.message
  );
}

async function write(client: Client, policy: ApprovalPolicy, signal: AbortSignal): Promise<Applied> {
  try {
    await client.updateStatus(APPROVAL_POLICIES, policy, { signal });
    return { kind: 'done' };
  } catch (error) {
    if (hasHttpCode(error, 404)) return { kind: 'done' };
    if (hasHttpCode(error, 409)) return { kind: 'retry', because: error.message };
    throw error;
  }
}

function cut(text: string): string {
  return text.length > MAX_MESSAGE ? `${text.slice(0, MAX_MESSAGE - 3)}...` : text;
}
