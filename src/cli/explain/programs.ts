import type { UnixSeconds } from '../../base/clock.js';
import { decodeBase64 } from '../../base/base64.js';
import { CountersignError } from '../../base/error.js';
import { parseIp } from '../../base/ip-address.js';
import { isKubernetesSigner } from '../../certificates/kubernetes-signers.js';
import type { CertificateSigningRequest } from '../../certificates/certificate-signing-request.js';
import {
  HEARTBEAT_LABEL,
  heartbeatName,
  isAlive,
  readHeartbeat,
  renewalOf,
  type Heartbeat,
} from '../../client/heartbeat.js';
import type { Lease } from '../../client/core-objects.js';
import { CERTIFICATE_SIGNING_REQUESTS, LEASES } from '../../client/resources.js';
import { escapeFieldValue } from '../../client/wait-for.js';
import { humanDuration } from '../../kube/human-duration.js';
import { DEFAULT_SETTINGS, type ApprovalSettings } from '../../policy/settings.js';
import type { Certificate } from '../../x509/certificate.js';
import { certificatesOf } from '../read-certificates.js';
import type { CarefulReader } from './careful-reader.js';
import type { ExplainedProgram } from './explanation.js';

/** Where our own programs show that they work: on a cluster, and in the embedded system. */
const OWN_NAMESPACES = ['countersign-system', 'kube-public'];

/** How long a Lease of kube-controller-manager counts after its last renewal: some misses are no death. */
const MANAGER_SECONDS = 60;

/** Signs of life of our own programs, wherever they may be read. */
export async function readHeartbeats(reader: CarefulReader, ownNamespace: string): Promise<readonly Heartbeat[]> {
  const selected = { labelSelector: HEARTBEAT_LABEL };
  const without = 'signs of life are looked for in the usual namespaces only';
  const leases = (await reader.list(LEASES, without, selected)) ?? (await usualLeases(reader, ownNamespace));
  return leases.flatMap((lease) => readHeartbeat(lease) ?? []);
}

async function usualLeases(reader: CarefulReader, ownNamespace: string): Promise<readonly Lease[]> {
  const namespaces = [...new Set([...OWN_NAMESPACES, ownNamespace])];
  const found = await Promise.all(namespaces.map((namespace) => leasesIn(reader, namespace)));
  return found.flat();
}

/** All of a namespace, or those of the usual names where only these may be read. */
async function leasesIn(reader: CarefulReader, namespace: string): Promise<readonly Lease[]> {
  const listed = await reader.list(LEASES, '', { namespace, labelSelector: HEARTBEAT_LABEL });
  if (listed !== undefined) return listed;
  const names = [heartbeatName('signer'), heartbeatName('approver')];
  const found = await Promise.all(names.map((name) => reader.get(LEASES, name, '', { namespace })));
  return found.flatMap((lease) => lease ?? []);
}

/** Whether somebody signs for the request. */
export async function findSigner(
  reader: CarefulReader,
  signerName: string,
  beats: readonly Heartbeat[],
  now: UnixSeconds,
): Promise<ExplainedProgram> {
  const signers = beats.filter(({ role }) => role === 'signer');
  const own = bestBeat(signers, signerName);
  if (own !== undefined && isAlive(own, now)) return programOf(own, now);
  if (isKubernetesSigner(signerName)) {
    const manager = await findManager(reader, now);
    if (manager !== undefined) return manager;
  }
  if (own !== undefined) return programOf(own, now);
  const seen = await lastIssued(reader, signerName, now);
  return (
    seen ?? { kind: 'unknown', detail: `nobody is known to sign for ${signerName}`, aliveFor: aliveFor(signers, now) }
  );
}

/** Whether our approver decides about requests for this signer. */
export function findApprover(signerName: string, beats: readonly Heartbeat[], now: UnixSeconds): ExplainedProgram {
  const own = approverBeat(signerName, beats);
  if (own !== undefined) return programOf(own, now);
  const approvers = beats.filter(({ role }) => role === 'approver');
  return { kind: 'unknown', detail: 'no approver is known to be at work', aliveFor: aliveFor(approvers, now) };
}

/**
 * What an approver at work for this signer says of its cluster takes the place of what a flag does not say: the default.
 */
export function settingsOfApprover(
  given: ApprovalSettings,
  signerName: string,
  beats: readonly Heartbeat[],
): ApprovalSettings {
  const told = approverBeat(signerName, beats)?.settings;
  if (told === undefined) return given;
  const either = (own: string, usual: string, other: string): string => (own === usual ? other : own);
  const { clusterDomain, trustDomain, reserved } = DEFAULT_SETTINGS;
  const isIp = (name: string): boolean => parseIp(name) !== undefined;
  return {
    clusterDomain: either(given.clusterDomain, clusterDomain, told.clusterDomain),
    trustDomain: either(given.trustDomain, trustDomain, told.trustDomain),
    reserved: {
      dnsNames: [...reserved.dnsNames, ...given.reserved.dnsNames, ...told.reserved.filter((name) => !isIp(name))],
      ips: [...reserved.ips, ...given.reserved.ips, ...told.reserved.filter(isIp)],
    },
  };
}

function approverBeat(signerName: string, beats: readonly Heartbeat[]): Heartbeat | undefined {
  const approvers = beats.filter(({ role }) => role === 'approver');
  // One that names no signer looks at all of them.
  return bestBeat(approvers, signerName) ?? bestBeat(approvers.filter(hasNoNames), undefined);
}

function hasNoNames({ signerNames }: Heartbeat): boolean {
  return signerNames.length === 0;
}

/** The latest one for this name. */
function bestBeat(beats: readonly Heartbeat[], signerName: string | undefined): Heartbeat | undefined {
  const fitting = beats.filter((beat) => signerName === undefined || beat.signerNames.includes(signerName));
  return [...fitting].sort((a, b) => b.renewedAt - a.renewedAt)[0];
}

function programOf(beat: Heartbeat, now: UnixSeconds): ExplainedProgram {
  const { lease, renewedAt, usages } = beat;
  const age = ago(renewedAt, now);
  if (!isAlive(beat, now)) return { kind: 'silent', detail: `its sign of life, Lease ${lease}, is from ${age}` };
  const policies = beat.hasPolicyFiles ? '; it goes by policies of files of its own, and not by these' : '';
  return {
    kind: 'alive',
    detail: `its sign of life, Lease ${lease}, is from ${age}${policies}`,
    ...(usages === undefined ? {} : { usages }),
  };
}

function aliveFor(beats: readonly Heartbeat[], now: UnixSeconds): readonly string[] {
  const alive = beats.filter((beat) => isAlive(beat, now));
  return [...new Set(alive.flatMap(({ signerNames }) => signerNames))].sort();
}

async function findManager(reader: CarefulReader, now: UnixSeconds): Promise<ExplainedProgram | undefined> {
  const without = 'whether kube-controller-manager works is not known';
  const lease = await reader.get(LEASES, 'kube-controller-manager', without, { namespace: 'kube-system' });
  const renewedAt = renewalOf(lease?.spec?.renewTime);
  if (renewedAt === undefined) return undefined;
  const detail = `the Lease of kube-controller-manager is from ${ago(renewedAt, now)}`;
  return isAlive({ renewedAt, durationSeconds: MANAGER_SECONDS }, now)
    ? { kind: 'alive', detail: `${detail}; it signs if it was given a CA` }
    : { kind: 'silent', detail };
}

/** The most recent certificate that somebody signed for this name, as far as requests are still there. */
async function lastIssued(
  reader: CarefulReader,
  signerName: string,
  now: UnixSeconds,
): Promise<ExplainedProgram | undefined> {
  const fieldSelector = `spec.signerName=${escapeFieldValue(signerName)}`;
  const without = 'whether the signer has signed lately is not known';
  const requests = (await reader.list(CERTIFICATE_SIGNING_REQUESTS, without, { fieldSelector })) ?? [];
  let last: { readonly name: string; readonly from: UnixSeconds } | undefined;
  for (const csr of requests) {
    // A server that does not know the selector answers with all of them.
    const from = csr.spec.signerName === signerName ? leafOf(csr)?.notBefore : undefined;
    if (from !== undefined && (last === undefined || from > last.from)) last = { name: csr.metadata.name ?? '', from };
  }
  if (last === undefined) return undefined;
  return { kind: 'seen', detail: `request ${last.name} got a certificate that is valid since ${ago(last.from, now)}` };
}

/** The certificate of a request; undefined where there is none that can be read. */
export function leafOf({ status }: CertificateSigningRequest): Certificate | undefined {
  const decoded = decodeBase64(status.certificate ?? '');
  if (decoded.kind === 'invalid') return undefined;
  try {
    return certificatesOf(decoded.bytes, 'status.certificate')[0];
  } catch (error) {
    if (error instanceof CountersignError) return undefined; // shown where the request itself is
    throw error;
  }
}

function ago(time: UnixSeconds, now: UnixSeconds): string {
  return time > now ? 'just now' : `${humanDuration((now - time) * 1000)} ago`;
}
