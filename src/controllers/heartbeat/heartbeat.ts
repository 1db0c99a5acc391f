import { secondsOf, type Clock } from '../../base/clock.js';
import type { Logger } from '../../base/logger.js';
import { hasHttpCode } from '../../client/api-failure.js';
import type { Client } from '../../client/client.js';
import type { Lease } from '../../client/core-objects.js';
import {
  CLUSTER_DOMAIN_ANNOTATION,
  HEARTBEAT_LABEL,
  heartbeatName,
  isAlive,
  POLICY_FILES_ANNOTATION,
  readHeartbeat,
  RESERVED_ANNOTATION,
  SIGNER_NAMES_ANNOTATION,
  SIGNER_USAGES_ANNOTATION,
  TRUST_DOMAIN_ANNOTATION,
  type HeartbeatRole,
} from '../../client/heartbeat.js';
import { LEASES } from '../../client/resources.js';
import type { ApprovalSettings } from '../../policy/settings.js';
import { formatMicroTime } from '../../kube/time.js';
import { createController, type Applied, type Controller } from '../runtime/controller.js';

/** Whose sign of life, and what it says. */
export interface HeartbeatOptions {
  readonly client: Client;
  readonly clock: Clock;
  /** Where the Lease is. */
  readonly namespace: string;
  readonly role: HeartbeatRole;
  /** The Lease by which its replicas elect one, which names the sign of life. Default: DEFAULT_ELECTION_LEASE. */
  readonly electionLease?: string;
  /** Who renews it; replicas share one Lease, and the last to renew stands in it. */
  readonly identity: string;
  readonly signerNames: readonly string[];
  /** What a signer signs. */
  readonly usages?: readonly string[];
  /** What an approver goes by. */
  readonly settings?: ApprovalSettings;
  /** Whether an approver goes by policies of files, and not by those of the API server. */
  readonly hasPolicyFiles?: boolean;
  readonly logger: Logger;
}

const RENEW_SECONDS = 30;

/** Two renewals may fail before somebody calls it dead. */
const DURATION_SECONDS = 3 * RENEW_SECONDS;

/**
 * Shows by a Lease that a signer or an approver works, and for which signers: nothing else in the API tells. It elects
 * nobody. It runs beside the loop whose life it shows, and ends with it.
 */
export function createHeartbeat(options: HeartbeatOptions): Controller {
  const name = heartbeatName(options.role, options.electionLease);
  let last: Lease | undefined;
  let isForbidden = false;
  let isContested = false;
  return createController<Lease | undefined, Lease | undefined>({
    name: `${options.role}-heartbeat`,
    watches: [],
    resync: { seconds: RENEW_SECONDS, keys: () => [name] },
    observe: () => last,
    decide: (seen) => ({ kind: 'act', actions: [seen] }),
    apply: async (seen, signal): Promise<Applied> => {
      try {
        // Undefined where somebody else has renewed it meanwhile: that is as good.
        const standing = seen ?? (await readLease(options.client, options.namespace, name, signal));
        if (!isContested && isOfAnother(standing, options)) {
          isContested = true;
          const told = { namespace: options.namespace, name, holder: standing?.spec?.holderIdentity ?? '' };
          options.logger.warn('Shares Lease that shows that it works with a controller for other signers', told);
        }
        last = await renew(options, name, standing, signal);
      } catch (error) {
        if (!hasHttpCode(error, 403)) throw error;
        // It works without: it is said once, and tried again.
        const told = { namespace: options.namespace, name, error: error.message };
        if (!isForbidden) options.logger.warn('May not write Lease that shows that it works', told);
        isForbidden = true;
      }
      return { kind: 'done' };
    },
  });
}

/** Writes the Lease; undefined where it must be read before the next time. */
async function renew(
  options: HeartbeatOptions,
  name: string,
  current: Lease | undefined,
  signal: AbortSignal,
): Promise<Lease | undefined> {
  const { client } = options;
  try {
    const lease = leaseOf(options, name, current);
    return await (current === undefined
      ? client.create(LEASES, lease, { signal })
      : client.update(LEASES, lease, { signal }));
  } catch (error) {
    if (hasHttpCode(error, 404, 409)) return undefined;
    throw error;
  }
}

/** Whether somebody who is alive, and no replica, shows itself by the same Lease: `--lease-name` tells them apart. */
function isOfAnother(standing: Lease | undefined, { clock, identity, signerNames }: HeartbeatOptions): boolean {
  const beat = standing === undefined ? undefined : readHeartbeat(standing);
  return (
    beat !== undefined &&
    beat.holder !== identity &&
    isAlive(beat, secondsOf(clock)) &&
    beat.signerNames.join(',') !== signerNames.join(',')
  );
}

async function readLease(
  client: Client,
  namespace: string,
  name: string,
  signal: AbortSignal,
): Promise<Lease | undefined> {
  try {
    return await client.get(LEASES, name, { namespace, signal });
  } catch (error) {
    if (hasHttpCode(error, 404)) return undefined;
    throw error;
  }
}

function leaseOf(options: HeartbeatOptions, name: string, current: Lease | undefined): Lease {
  const { clock, namespace, role, identity, signerNames, usages, settings, hasPolicyFiles } = options;
  const now = formatMicroTime(Math.floor(clock.now() * 1000));
  const { metadata = { namespace, name }, spec } = current ?? {};
  return {
    metadata: {
      ...metadata,
      labels: { ...metadata.labels, [HEARTBEAT_LABEL]: role },
      annotations: {
        ...metadata.annotations,
        [SIGNER_NAMES_ANNOTATION]: signerNames.join(','),
        ...(usages === undefined ? {} : { [SIGNER_USAGES_ANNOTATION]: usages.join(',') }),
        ...(settings === undefined ? {} : settingAnnotations(settings)),
        ...(hasPolicyFiles === undefined ? {} : { [POLICY_FILES_ANNOTATION]: String(hasPolicyFiles) }),
      },
    },
    spec: {
      ...spec,
      holderIdentity: identity,
      leaseDurationSeconds: DURATION_SECONDS,
      acquireTime: spec?.holderIdentity === identity ? (spec.acquireTime ?? now) : now,
      renewTime: now,
    },
  };
}

function settingAnnotations({
  clusterDomain,
  trustDomain,
  reserved,
}: ApprovalSettings): Readonly<Record<string, string>> {
  return {
    [CLUSTER_DOMAIN_ANNOTATION]: clusterDomain,
    [TRUST_DOMAIN_ANNOTATION]: trustDomain,
    [RESERVED_ANNOTATION]: [...reserved.dnsNames, ...reserved.ips].join(','),
  };
}
