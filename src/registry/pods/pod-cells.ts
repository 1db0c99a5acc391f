import type { UnixSeconds } from '../../base/clock.js';
import { humanDuration } from '../../kube/human-duration.js';
import { parseTime } from '../../kube/time.js';
import { AGE_COLUMN, ageCell, NAME_COLUMN, textColumn } from '../columns.js';
import type { Cell, Column, RowCondition } from '../resource.js';
import { type Container, type ContainerStatus, hasEnded, type Pod } from './pod.js';

/** What `kubectl get pods` prints. */
export const POD_COLUMNS: readonly Column[] = [
  NAME_COLUMN,
  textColumn('Ready', 'How many of its containers can serve, of how many.'),
  textColumn('Status', 'What it does, in one word.'),
  textColumn('Restarts', 'How often its containers were started again, and when last.'),
  AGE_COLUMN,
  textColumn('IP', 'Its address.', 1),
  textColumn('Node', 'The node on which it runs.', 1),
  textColumn('Nominated Node', 'The node on which others make room for it.', 1),
  textColumn('Readiness Gates', 'How many of its readiness gates hold, of how many.', 1),
];

/** One cell for each of these columns. */
export function podCells(pod: Pod, now: UnixSeconds): readonly Cell[] {
  const { spec, status } = pod;
  const containers = [...(spec.containers ?? []), ...(spec.initContainers ?? []).filter(isSidecar)];
  const statuses = reportedStatuses(pod);
  return [
    pod.metadata.name ?? '',
    `${statuses.filter(isServing).length}/${containers.length}`,
    podReason(pod),
    restartsCell(statuses, now),
    ageCell(pod, now),
    orNone(status.podIPs?.[0]?.ip ?? status.podIP),
    orNone(spec.nodeName),
    orNone(status.nominatedNodeName),
    gatesCell(pod),
  ];
}

/** That a pod has come to its end: clients may leave out its row. */
export function podRowCondition({ status: { phase } }: Pod): RowCondition | undefined {
  switch (phase) {
    case 'Succeeded':
      return { type: 'Completed', status: 'True', reason: phase, message: 'The pod has completed successfully.' };
    case 'Failed':
      return { type: 'Completed', status: 'True', reason: phase, message: 'The pod failed.' };
    default:
      return undefined;
  }
}

function orNone(text = ''): string {
  return text === '' ? '<none>' : text;
}

/** An init container that goes on running beside the others. */
function isSidecar({ restartPolicy }: Container): boolean {
  return restartPolicy === 'Always';
}

function isServing({ ready, state }: ContainerStatus): boolean {
  return ready && state.running !== undefined;
}

/** The statuses that count for a row: those of init containers until they are done, then of containers and sidecars. */
function reportedStatuses(pod: Pod): readonly ContainerStatus[] {
  const { containerStatuses = [], initContainerStatuses = [] } = pod.status;
  if (initializing(pod) !== undefined) return initContainerStatuses;
  const sidecars = new Set(pod.spec.initContainers?.filter(isSidecar).map(({ name }) => name));
  return [...containerStatuses, ...initContainerStatuses.filter(({ name }) => sidecars.has(name))];
}

function podReason(pod: Pod): string {
  const { status, metadata } = pod;
  const gated = status.conditions?.some((c) => c.type === 'PodScheduled' && c.reason === 'SchedulingGated');
  let reason = status.reason ?? (gated === true ? 'SchedulingGated' : (status.phase ?? ''));
  const init = initializing(pod);
  if (init !== undefined) reason = init;
  else reason = containersReason(pod, reason);
  if ((metadata.deletionTimestamp ?? '') === '') return reason;
  if (status.reason === 'NodeLost') return 'Unknown';
  return hasEnded(pod) ? reason : 'Terminating';
}

/** Why a pod still initializes; undefined when it is done with that. */
function initializing({ spec, status }: Pod): string | undefined {
  const all = spec.initContainers ?? [];
  const sidecars = new Set(all.filter(isSidecar).map(({ name }) => name));
  for (const [i, { name, state, started }] of (status.initContainerStatuses ?? []).entries()) {
    const { terminated, waiting } = state;
    if (terminated?.exitCode === 0 || (sidecars.has(name) && started === true)) continue;
    if (terminated !== undefined) return `Init:${endedReason(terminated)}`;
    const why = waiting?.reason ?? '';
    return why === '' || why === 'PodInitializing' ? `Init:${i}/${all.length}` : `Init:${why}`;
  }
  return undefined;
}

function endedReason({
  reason = '',
  signal = 0,
  exitCode,
}: {
  reason?: string;
  signal?: number;
  exitCode: number;
}): string {
  if (reason !== '') return reason;
  return signal !== 0 ? `Signal:${signal}` : `ExitCode:${exitCode}`;
}

/** The first container that waits or has ended says it; a completed pod with a container that runs is Running. */
function containersReason({ status }: Pod, otherwise: string): string {
  const { containerStatuses = [], conditions = [] } = status;
  let reason = otherwise;
  for (const { state } of containerStatuses.toReversed()) {
    const waiting = state.waiting?.reason ?? '';
    if (waiting !== '') reason = waiting;
    else if (state.terminated !== undefined) reason = endedReason(state.terminated);
  }
  if (reason !== 'Completed' || !containerStatuses.some(isServing)) return reason;
  return conditions.some((c) => c.type === 'Ready' && c.status === 'True') ? 'Running' : 'NotReady';
}

/** How often, and when the last one that ended did so. */
function restartsCell(statuses: readonly ContainerStatus[], now: UnixSeconds): string {
  const restarts = statuses.reduce((sum, { restartCount }) => sum + restartCount, 0);
  const ends = statuses.flatMap(({ lastState }) => parseTime(lastState.terminated?.finishedAt ?? '') ?? []);
  if (restarts === 0 || ends.length === 0) return String(restarts);
  return `${restarts} (${humanDuration((now - Math.max(...ends)) * 1000)} ago)`;
}

function gatesCell({ spec, status }: Pod): string {
  const gates = spec.readinessGates ?? [];
  if (gates.length === 0) return '<none>';
  const holds = new Set(status.conditions?.filter((c) => c.status === 'True').map((c) => c.type));
  return `${gates.filter((gate) => holds.has(gate.conditionType)).length}/${gates.length}`;
}
