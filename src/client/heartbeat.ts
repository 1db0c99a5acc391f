import type { UnixSeconds } from '../base/clock.js';
import { parseMicroTime } from '../kube/time.js';
import { toUnixSeconds } from '../base/clock.js';
import type { Lease } from './core-objects.js';

/** Label of Leases by which programs of ours show that they work; the value says what they do. */
export const HEARTBEAT_LABEL = 'countersign.dev/heartbeat';

/** Annotation with the signerNames that the program serves, between commas. */
export const SIGNER_NAMES_ANNOTATION = 'countersign.dev/signer-names';

/** Annotation with the usages that a signer signs, between commas. */
export const SIGNER_USAGES_ANNOTATION = 'countersign.dev/signer-usages';

/** Annotations with what an approver is told about its cluster: whoever explains its decisions goes by the same. */
export const CLUSTER_DOMAIN_ANNOTATION = 'countersign.dev/cluster-domain';
export const TRUST_DOMAIN_ANNOTATION = 'countersign.dev/trust-domain';
export const RESERVED_ANNOTATION = 'countersign.dev/reserved-names';

/** Annotation of an approver that goes by policies of files, and not by those of the API server. */
export const POLICY_FILES_ANNOTATION = 'countersign.dev/policies-from-files';

/** What an approver tells of its cluster. */
export interface HeartbeatSettings {
  readonly clusterDomain: string;
  readonly trustDomain: string;
  /** Names and addresses. */
  readonly reserved: readonly string[];
}

/** What a program does that shows that it works. */
export type HeartbeatRole = 'signer' | 'approver';

/** The Lease by which replicas of a controller elect one where nobody names another. */
export const DEFAULT_ELECTION_LEASE = 'countersign-controller';

/**
 * The name of the Lease by which a program of a role shows that it works. Controllers that are not replicas of each other
 * elect by Leases of different names, and so they are told apart here, too: `team-a-signer-heartbeat`.
 */
export function heartbeatName(role: HeartbeatRole, electionLease: string = DEFAULT_ELECTION_LEASE): string {
  const own = electionLease === DEFAULT_ELECTION_LEASE || electionLease === `countersign-${role}`;
  return `${own ? 'countersign' : electionLease}-${role}-heartbeat`;
}

/** A sign of life. */
export interface Heartbeat {
  readonly role: HeartbeatRole;
  /** `namespace/name` of the Lease. */
  readonly lease: string;
  /** Who renewed it last. */
  readonly holder: string;
  readonly signerNames: readonly string[];
  /** Usages that are signed; undefined where that is not told. */
  readonly usages?: readonly string[];
  /** Undefined where that is not told. */
  readonly settings?: HeartbeatSettings;
  /** Whether it is an approver that goes by policies of files. */
  readonly hasPolicyFiles: boolean;
  readonly renewedAt: UnixSeconds;
  /** How long after the last renewal it still counts. */
  readonly durationSeconds: number;
}

/** The sign of life that a Lease is; undefined where it is none, or was never renewed. */
export function readHeartbeat({ metadata, spec }: Lease): Heartbeat | undefined {
  const role = metadata.labels?.[HEARTBEAT_LABEL];
  const renewedAt = renewalOf(spec?.renewTime);
  if ((role !== 'signer' && role !== 'approver') || renewedAt === undefined) return undefined;
  const { annotations = {} } = metadata;
  const usages = annotations[SIGNER_USAGES_ANNOTATION];
  const settings = settingsOf(annotations);
  return {
    role,
    lease: `${metadata.namespace ?? ''}/${metadata.name ?? ''}`,
    holder: spec?.holderIdentity ?? '',
    signerNames: listed(annotations[SIGNER_NAMES_ANNOTATION] ?? ''),
    ...(usages === undefined ? {} : { usages: listed(usages) }),
    ...(settings === undefined ? {} : { settings }),
    hasPolicyFiles: annotations[POLICY_FILES_ANNOTATION] === 'true',
    renewedAt,
    durationSeconds: spec?.leaseDurationSeconds ?? 0,
  };
}

function settingsOf(annotations: Readonly<Record<string, string>>): HeartbeatSettings | undefined {
  const clusterDomain = annotations[CLUSTER_DOMAIN_ANNOTATION];
  const trustDomain = annotations[TRUST_DOMAIN_ANNOTATION];
  if (clusterDomain === undefined || trustDomain === undefined) return undefined;
  return { clusterDomain, trustDomain, reserved: listed(annotations[RESERVED_ANNOTATION] ?? '') };
}

/** When a Lease was last renewed; undefined where it never was. */
export function renewalOf(renewTime: string | null | undefined): UnixSeconds | undefined {
  const micros = renewTime === undefined || renewTime === null ? undefined : parseMicroTime(renewTime);
  return micros === undefined ? undefined : toUnixSeconds(micros / 1_000_000);
}

/** Whether a renewal still counts. One from the future does: clocks differ. */
export function isAlive(
  { renewedAt, durationSeconds }: Pick<Heartbeat, 'renewedAt' | 'durationSeconds'>,
  now: UnixSeconds,
): boolean {
  return now - renewedAt <= durationSeconds;
}

function listed(text: string): readonly string[] {
  return text.split(',').filter((part) => part !== '');
}
