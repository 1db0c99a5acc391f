import type { Random } from '../base/bytes.js';
import type { Clock } from '../base/clock.js';
import { secondsOf } from '../base/clock.js';
import type { Logger } from '../base/logger.js';
import type { CertificateAuthority } from '../authority/certificate-authority.js';
import { createCertificateAuthority } from '../authority/certificate-authority.js';
import { createKubernetesAuthority, DEFAULT_SIGNING_SECONDS } from '../authority/kubernetes-authority.js';
import { createSoftwareCustody, type KeyCustody } from '../authority/key-custody.js';
import { parseSigningProfile } from '../authority/signing-profile.js';
import { TRUST_NAMESPACE, trustConfigMap } from '../authority/trust-root.js';
import {
  COUNTERSIGN_APPROVER,
  COUNTERSIGN_CLEANER,
  COUNTERSIGN_NAMESPACE,
  COUNTERSIGN_SIGNER,
} from '../apiserver/authorization/bootstrap/controller-roles.js';
import { serviceAccountUser } from '../apiserver/authentication/service-account-name.js';
import type { ApprovalPolicy } from '../certificates/approval-policy.js';
import { isApiClientSigner, isKubernetesSigner } from '../certificates/kubernetes-signers.js';
import type { Client } from '../client/client.js';
import { createClient } from '../client/client.js';
import { createEventRecorder } from '../client/event-recorder.js';
import { createInProcessTransport } from '../client/in-process-transport.js';
import { CONFIG_MAPS } from '../client/resources.js';
import { createHeartbeat } from '../controllers/heartbeat/heartbeat.js';
import { createEmbeddedControllers } from '../controllers/embedded-controllers.js';
import { createFactCaches, type FactCaches } from '../controllers/facts/fact-caches.js';
import type { RecordRetention } from '../controllers/records/record-cleaner.js';
import type { Controller } from '../controllers/runtime/controller.js';
import { runControllers } from '../controllers/runtime/run-controllers.js';
import { createRecordVerifier, type RecordVerifier } from '../authority/record-verifier.js';
import type { RecordTrust } from '../controllers/signer/record-gate.js';
import { createSigner } from '../controllers/signer/signer.js';
import { parsePrivateKeyPem } from '../crypto/private-key.js';
import type { Transport } from '../kube/exchange.js';
import type { UserInfo } from '../kube/object-meta.js';
import { hasReason } from '../kube/status.js';
import type { ExpressionEngine } from '../policy/expression.js';
import type { ApprovalSettings } from '../policy/settings.js';
import type { RequestVerifier } from '../x509/request-verifier.js';
import { createApproval, type Approval } from './approval.js';
import type { CountingControllers } from './controller-metrics.js';
import type { Duty } from './duties.js';
import type { KeyFiles } from './key-files.js';
import { loadPolicies } from './load-policies.js';
import { publishRecordKey } from './publish-record-key.js';
import type { ServerPki } from './server-pki.js';
import { VERSION } from './version.js';
import { openWorkloadCa } from './workload-ca.js';
import type { ControllerChoice } from './controller-list.js';

export interface ControllersOptions {
  readonly handle: Transport;
  /** The server's root, which is published, the CA of its clients, the key that signs records, and those that count. */
  readonly pki: Pick<ServerPki, 'serverCaPem' | 'clientCa' | 'recordKeyPem' | 'recordKeys'>;
  readonly requestVerifier: RequestVerifier;
  readonly signerNames: readonly string[];
  /** Which of the server's own loops run; all of them when absent. */
  readonly runs?: ControllerChoice;
  /** Files of the signers' CAs. */
  readonly signerFiles: KeyFiles;
  /** Lifetime of what the signers of Kubernetes sign, and the longest. */
  readonly clusterSigningSeconds?: number;
  readonly settings: ApprovalSettings;
  /** Absent: nobody decides by policy. */
  readonly approver?: {
    readonly expressions: ExpressionEngine;
    /** Written into the store first. */
    readonly policies: readonly ApprovalPolicy[];
    /** How long records stay. */
    readonly retention: RecordRetention;
  };
  readonly metrics: CountingControllers;
  /** Whether there are other servers on the same store. */
  readonly isShared: boolean;
  /** Who this process is, where it shows that it works. */
  readonly identity: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

/** The server on its own behalf, while it starts. */
const SERVER: UserInfo = { username: 'system:apiserver', groups: ['system:masters'] };

/** As long as kube-controller-manager gives API servers to learn that a namespace goes. */
const SETTLE_MS = 5000;

/** What every embedded signer signs. */
const PROFILE = parseSigningProfile({});

/**
 * Opens what approver and signers need, publishes what others must know of them, and answers the duty of running them,
 * the cleaner and the loops that an API server needs.
 */
export async function openControllers(options: ControllersOptions): Promise<Duty> {
  const { clock, random, logger, handle } = options;
  const clientAs: ClientAs = (user) =>
    createClient(createInProcessTransport(handle, user), { userAgent: `countersign/${VERSION}`, clock });
  // Only the server itself may write into kube-public.
  const server = clientAs(SERVER);
  const custody = createSoftwareCustody(parsePrivateKeyPem(options.pki.recordKeyPem));
  await publishRecordKey(server, custody.publicKeyDer);
  await loadPolicies(server, options.approver?.policies ?? []);
  const issuers = await openIssuers(options);
  for (const [signerName, { notAfter }] of issuers) options.metrics.signs(signerName, notAfter);
  const distributed = [...issuers].filter(([signerName]) => !isApiClientSigner(signerName));
  await Promise.all(distributed.map(([signerName, ca]) => publishRoot(server, signerName, ca.anchorPem)));
  return (signal) => {
    // Caches and loops end with their term: the next one makes them anew.
    const records = createRecordVerifier(options.pki.recordKeys);
    const approval = openApproval(options, clientAs, custody, records);
    const signing = openSigning(options, clientAs, issuers, { records, facts: approval?.facts });
    const controllers = [
      ...serverLoops(options, clientAs),
      ...(approval?.controllers ?? []),
      ...(signing?.controllers ?? []),
      ...heartbeatsOf(options, server),
    ];
    const running = runControllers(
      controllers,
      { clock, random, logger, metrics: options.metrics.controllers },
      signal,
    );
    const flushed = running.ended.then(async () => {
      await Promise.all([approval?.flush(), signing?.flush()]);
    });
    return { ready: running.ready, ended: flushed };
  };
}

/** What kube-controller-manager would run beside a cluster's API server. */
function serverLoops(
  { clock, random, logger, pki, requestVerifier: verifier, runs, isShared }: ControllersOptions,
  clientAs: ClientAs,
): readonly Controller[] {
  const controllerClient = (name: string): Client => clientAs(serviceAccountUser('kube-system', name));
  return createEmbeddedControllers({
    clients: {
      cleaner: clientAs(ownUser(COUNTERSIGN_CLEANER)),
      rootCaPublisher: controllerClient('root-ca-cert-publisher'),
      serviceAccounts: controllerClient('service-account-controller'),
      namespaces: controllerClient('namespace-controller'),
      endpointSlices: controllerClient('endpointslice-controller'),
      garbageCollector: controllerClient('generic-garbage-collector'),
      certificates: controllerClient('certificate-controller'),
      trustBundles: controllerClient('kube-apiserver-serving-clustertrustbundle-publisher'),
    },
    clock,
    random,
    logger,
    rootCaPem: () => pki.serverCaPem,
    verifier,
    settleMs: isShared ? SETTLE_MS : 0,
    ...(runs === undefined ? {} : { runs }),
  });
}

/** Signs of life for what is at work, where everybody may see them. */
function heartbeatsOf(
  { approver, settings, signerNames, clock, logger, identity }: ControllersOptions,
  client: Client,
): readonly Controller[] {
  const life = { client, clock, logger, namespace: TRUST_NAMESPACE, identity };
  return [
    ...(approver === undefined ? [] : [createHeartbeat({ ...life, role: 'approver', signerNames: [], settings })]),
    ...(signerNames.length === 0
      ? []
      : [createHeartbeat({ ...life, role: 'signer', signerNames, usages: [...PROFILE.usages] })]),
  ];
}

type ClientAs = (user: UserInfo) => Client;

function ownUser(name: string): UserInfo {
  return serviceAccountUser(COUNTERSIGN_NAMESPACE, name);
}

function openApproval(
  options: ControllersOptions,
  clientAs: ClientAs,
  custody: KeyCustody,
  records: RecordVerifier,
): Approval | undefined {
  const { clock, random, logger, requestVerifier: verifier, settings, approver } = options;
  if (approver === undefined) return undefined;
  const client = clientAs(ownUser(COUNTERSIGN_APPROVER));
  const { expressions: engine, retention } = approver;
  return createApproval({
    client,
    clock,
    random,
    logger,
    verifier,
    custody,
    records,
    settings,
    engine,
    retention,
    metrics: options.metrics.approver,
  });
}

/** The signer, which trusts the records of our own approver and looks at the same facts. */
function openSigning(
  options: ControllersOptions,
  clientAs: ClientAs,
  issuers: ReadonlyMap<string, CertificateAuthority>,
  { records, facts }: { readonly records: RecordVerifier; readonly facts: FactCaches | undefined },
): { readonly controllers: readonly Controller[]; flush(): Promise<void> } | undefined {
  const { clock, random, logger, requestVerifier: verifier, settings } = options;
  if (issuers.size === 0) return undefined;
  const world = { client: clientAs(ownUser(COUNTERSIGN_SIGNER)), clock, random };
  const events = createEventRecorder({ ...world, logger, component: 'countersign.dev/signer' });
  const trust: RecordTrust = { records, facts: facts ?? createFactCaches({ ...world, records }), settings };
  const metrics = options.metrics.signer;
  return {
    controllers: [createSigner({ ...world, logger, verifier, events, issuers, records: trust, metrics })],
    flush: () => events.flush(),
  };
}

async function openIssuers(options: ControllersOptions): Promise<ReadonlyMap<string, CertificateAuthority>> {
  const issuers = await Promise.all(
    options.signerNames.map(async (signerName) => [signerName, await openIssuer(signerName, options)] as const),
  );
  options.logger.debug('Signers opened', { signers: issuers.length, at: secondsOf(options.clock) });
  return new Map(issuers);
}

/** Clients of the API server are signed for by its client CA; every other signer has a CA of its own. */
async function openIssuer(signerName: string, options: ControllersOptions): Promise<CertificateAuthority> {
  const { clock, random, signerFiles: files, pki, clusterSigningSeconds } = options;
  const world = { clock, random };
  const material = isApiClientSigner(signerName) ? pki.clientCa : await openWorkloadCa({ signerName, files, ...world });
  return isKubernetesSigner(signerName)
    ? createKubernetesAuthority(signerName, material, clusterSigningSeconds ?? DEFAULT_SIGNING_SECONDS, world)
    : createCertificateAuthority(material, PROFILE, world);
}

/** Puts a signer's root where every authenticated user may read it, and keeps it right at each start. */
async function publishRoot(client: Client, signerName: string, rootPem: string): Promise<void> {
  const configMap = trustConfigMap(signerName, rootPem);
  try {
    await client.create(CONFIG_MAPS, configMap);
  } catch (error) {
    if (!hasReason(error, 'AlreadyExists')) throw error;
    await client.update(CONFIG_MAPS, configMap);
  }
}
