import { mkdir, readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { type Clock, delay } from '../base/clock.js';
import { CountersignError } from '../base/error.js';
import { formatIp, parseIp } from '../base/ip-address.js';
import type { Logger } from '../base/logger.js';
import { fetchDocument } from '../apiserver/node/fetch-document.js';
import { listen } from '../apiserver/node/listen.js';
import type { Listener } from '../apiserver/node/listen.js';
import { loadCelEngine } from '../cel/cel-engine.js';
import { systemReason } from '../cli/input.js';
import { lowerAscii } from '../certificates/normalised-request.js';
import { DEFAULT_RETENTION, type RecordRetention } from '../controllers/records/record-cleaner.js';
import { createPooledRandom } from '../crypto/pooled-random.js';
import { createRequestVerifier } from '../crypto/request-verifier.js';
import type { Transport } from '../kube/exchange.js';
import type { TextListEngine } from '../policy/expression.js';
import { DEFAULT_SETTINGS, type ApprovalSettings } from '../policy/settings.js';
import type { Api, ApiOptions } from './api.js';
import type { AuditSettings } from './audit-flags.js';
import { openAuditLog } from './audit-log.js';
import { backupRoute } from './backup-route.js';
import type { ClientAuthorities } from './client-authorities.js';
import { openApi } from './api.js';
import type { EncryptionFiles } from './encryption-keys-file.js';
import type { ControllerChoice } from './controller-list.js';
import { countControllers } from './controller-metrics.js';
import { openControllers } from './embedded-signers.js';
import { openEmbeddedStorage } from './embedded-storage.js';
import { startCompaction, sweeping } from './housekeeping.js';
import { createClient } from '../client/client.js';
import { createInProcessTransport } from '../client/in-process-transport.js';
import { publishAuthentication } from './publish-authentication.js';
import type { UserInfo } from '../kube/object-meta.js';
import { VERSION } from './version.js';
import { DEFAULT_IDENTITY, type Identity, openIdentity, type IdentitySettings } from './identity.js';
import { keyFilesUnder, type KeyFiles } from './key-files.js';
import { kubeconfigText } from './kubeconfig-file.js';
import { serverAddress } from './kubernetes-service.js';
import { isWildcardHost, urlAuthority } from './locations.js';
import { writePrivateFile } from './private-files.js';
import { readPolicyFiles } from './policy-files.js';
import { DEFAULT_LOAD, type LoadSettings } from './load-flags.js';
import { keepCredentials } from './renewal.js';
import { createReplica } from './replica.js';
import type { ServerPki } from './server-pki.js';
import { openServerPki } from './server-pki.js';
import { DEFAULT_SERVICE_RANGE, parseServiceNetworks } from './service-networks.js';
import type { SharedStorage } from './shared-storage.js';

export interface EmbeddedOptions {
  /** Folder of store, keys and CAs; absent: everything in memory, gone at the end. */
  readonly dataFolder?: string;
  /** A store shared with other replicas, and their common keys; the folder then holds only what is this one's own. */
  readonly shared?: SharedStorage;
  /** How long other replicas wait for this one before they take over what one does for all. Default 15. */
  readonly leaseDurationSeconds?: number;
  readonly host: string;
  /** 0 = a free one. */
  readonly port: number;
  readonly kubeconfigPath: string;
  /** Signers to run, each with a CA of its own, but for those of clients of the API server. */
  readonly signerNames: readonly string[];
  /** Lifetime of what the signers of Kubernetes sign, and the longest. Default: DEFAULT_SIGNING_SECONDS. */
  readonly clusterSigningSeconds?: number;
  /** Which of the server's own loops run; all of them when absent. */
  readonly runs?: ControllerChoice;
  /** Networks of cluster IPs, one for each family; the first is the default. Absent: `DEFAULT_SERVICE_RANGE`. */
  readonly serviceNetworks?: ApiOptions['serviceNetworks'];
  /** What approver and signer must know of their cluster. Absent: that of a usual cluster. */
  readonly settings?: ApprovalSettings;
  /** False: nobody decides by policy. Default true; without a policy, nobody decides either. */
  readonly approver?: boolean;
  /** Files of ApprovalPolicies to write into the store at the start. */
  readonly policyFiles?: readonly string[];
  /** How long records stay. Default: DEFAULT_RETENTION. */
  readonly retention?: RecordRetention;
  /** Whom the server knows, and by what. Absent: DEFAULT_IDENTITY. */
  readonly identity?: IdentitySettings;
  /** How much the server takes on, and how it ends. Absent: DEFAULT_LOAD. */
  readonly load?: LoadSettings;
  /** CSV of static bearer tokens. */
  readonly tokenFile?: string;
  /** What is put on record, and where. Absent: nothing. */
  readonly audit?: AuditSettings;
  /** Where the keys are with which Secrets and the server's own keys are sealed. Absent: they are not. */
  readonly encryption?: EncryptionFiles;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** A running embedded system: API server and controllers. */
export interface Embedded {
  readonly url: string;
  readonly kubeconfigPath: string;
  /** PEM of the CA of the server's own certificate. */
  readonly serverCaPem: string;
  /** Name of the key that Secrets are sealed with; absent: they are not. */
  readonly encryptionKey?: string;
  /** The server itself, without a socket. The caller's peer says who it is. */
  readonly transport: Transport;
  /** Ends it in order: not ready, controllers drained, requests answered, store closed. Idempotent. */
  close(): Promise<void>;
}

/** How long requests that run may take to end. */
const GRACE_MS = 60_000;

/** Who the server itself is. */
const SERVER: UserInfo = { username: 'system:apiserver', groups: ['system:masters'] };

/** What each cache may hold, in bytes of the stored form: enough for what is in progress, small beside the process. */
const CACHE_BYTES = 4 * 1024 * 1024;

/** Starts the embedded system; resolves when it serves and its controllers work. */
export async function startEmbedded(options: EmbeddedOptions): Promise<Embedded> {
  const { clock, logger, shared, retention = DEFAULT_RETENTION, load = DEFAULT_LOAD } = options;
  const random = createPooledRandom();
  const closers: Closer[] = [];
  const close = (): Promise<void> => closeAll(closers);
  try {
    const audit = await openAuditLog(options.audit, { clock, logger });
    closers.push(() => audit.close());
    const { store, files, sharedFiles, envelope, backup } = await openEmbeddedStorage(options, random, CACHE_BYTES);
    closers.push(() => store.close());
    const expressions = await loadCelEngine({ clock });
    const policies = (await readPolicyFiles(options.policyFiles ?? [], '', expressions)).map(({ policy }) => policy);
    const keys = keyFilesUnder(sharedFiles, 'pki');
    const pki = await openServerPki({ shared: keys, own: keyFilesUnder(files, 'pki'), clock, random });
    const identity = await identify(options, pki, keys, expressions);
    closers.push(() => identity.close());
    let address = urlAuthority(shownHost(options.host), options.port);
    const requestVerifier = createRequestVerifier({ maxEntries: 1024 });
    const metrics = countControllers();
    const replica = createReplica({ ...options, isShared: shared !== undefined, random });
    const api = await openApi({
      store,
      clock,
      random,
      logger,
      cacheBytes: CACHE_BYTES,
      requestVerifier,
      expressions,
      identity,
      ...(await readTokenFile(options.tokenFile)),
      signerNames: options.signerNames,
      serviceNetworks: options.serviceNetworks ?? parseServiceNetworks(DEFAULT_SERVICE_RANGE),
      advertisedAddress: () => address,
      metrics: [metrics, replica.standing, ...audit.metrics, ...(shared?.metrics ?? [])],
      auditor: audit.auditor,
      routes: [backupRoute(backup, logger)],
      limits: load.limits,
      ...(shared === undefined ? {} : { storageName: shared.name }),
    });
    closers.push(() => api.close(), startCompaction({ store, clock, logger }));
    const listener = await openListener(options, api, pki, identity.authorities);
    closers.push(() => endListener(api, listener));
    address = urlAuthority(shownHost(options.host), listener.port);
    const url = `https://${address}`;
    closers.push(await api.announce(serverAddress(options.host, listener.port), replica.server));
    closers.push(await keepServerCredentials(options, pki, listener, url));
    closers.push(await publishIdentity(options, api, identity.authorities));
    const controllers = await openControllers({
      handle: (request) => api.server.handle(request),
      pki,
      requestVerifier,
      signerNames: options.signerNames,
      ...(options.runs === undefined ? {} : { runs: options.runs }),
      settings: reserving(options.settings ?? DEFAULT_SETTINGS, servingHosts(options.host)),
      ...(options.approver === false ? {} : { approver: { expressions, policies, retention } }),
      signerFiles: keyFilesUnder(sharedFiles, 'signers'),
      ...(options.clusterSigningSeconds === undefined ? {} : { clusterSigningSeconds: options.clusterSigningSeconds }),
      metrics,
      isShared: shared !== undefined,
      identity: replica.identity,
      clock,
      random,
      logger,
    });
    const sweeps = sweeping({ store, resources: api.resources, clock, logger });
    closers.push(await replica.start([controllers, sweeps], (request) => api.server.handle(request)));
    // Whoever asks before sending more work learns first that it ends.
    closers.push(() => announceEnd(api, load.shutdownDelayMs, clock));
    return {
      url,
      kubeconfigPath: options.kubeconfigPath,
      serverCaPem: pki.serverCaPem,
      ...(envelope === undefined ? {} : { encryptionKey: envelope.keyName }),
      transport: (request) => api.server.handle(request),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

type Closer = () => Promise<void> | void;

/** The last that was opened is closed first; each once. */
async function closeAll(closers: Closer[]): Promise<void> {
  for (const step of closers.splice(0).reverse()) await step();
}

async function readTokenFile(path: string | undefined): Promise<Pick<ApiOptions, 'tokenFile'>> {
  if (path === undefined) return {};
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new CountersignError('CONFIG_INVALID', `Cannot use --token-file: ${path}: ${systemReason(cause)}`, { cause });
  });
  return { tokenFile: { path, text } };
}

function identify(
  { identity: settings = DEFAULT_IDENTITY, clock, logger }: EmbeddedOptions,
  { clientCaPem }: ServerPki,
  files: KeyFiles,
  engine: TextListEngine,
): Promise<Identity> {
  return openIdentity({ settings, files, engine, clientCaPem, fetchDocument, clock, logger });
}

/** Names by which clients on this machine, and in a cluster's words, may call the server. */
function servingHosts(host: string): readonly string[] {
  const local = ['localhost', '127.0.0.1', '::1', 'kubernetes', 'kubernetes.default', 'kubernetes.default.svc'];
  const named = isWildcardHost(host) ? [hostname().toLowerCase()] : [host];
  return [...new Set([...local, 'kubernetes.default.svc.cluster.local', ...named])];
}

/** The settings, with the names of the API server itself among those that no pattern grants. */
function reserving(settings: ApprovalSettings, hosts: readonly string[]): ApprovalSettings {
  const { dnsNames, ips } = settings.reserved;
  const addresses = hosts.map(parseIp).filter((octets) => octets !== undefined);
  const names = hosts.filter((host) => parseIp(host) === undefined).map(lowerAscii);
  return { ...settings, reserved: { dnsNames: [...dnsNames, ...names], ips: [...ips, ...addresses.map(formatIp)] } };
}

/** The host that clients of this machine are told: loopback where the server listens everywhere. */
function shownHost(host: string): string {
  return isWildcardHost(host) ? '127.0.0.1' : host;
}

async function openListener(
  { host, port, logger }: EmbeddedOptions,
  api: Api,
  pki: ServerPki,
  authorities: ClientAuthorities,
): Promise<Listener> {
  const serving = await pki.serving(servingHosts(host));
  const listener = await listen({
    handle: (request) => api.server.handle(request),
    host,
    port,
    tls: { key: serving.keyPem, cert: serving.certificatePem },
    clientCas: authorities.pems(),
    logger,
  });
  authorities.onChange(() => {
    listener.updateClientCas(authorities.pems());
  });
  return listener;
}

/** Says in the API how users of this server are known. */
function publishIdentity(
  { identity: { frontProxy } = DEFAULT_IDENTITY, logger }: EmbeddedOptions,
  api: Api,
  authorities: ClientAuthorities,
): Promise<Closer> {
  const transport = createInProcessTransport((request) => api.server.handle(request), SERVER);
  const client = createClient(transport, { userAgent: `countersign/${VERSION}` });
  return publishAuthentication(client, { authorities, logger, ...(frontProxy === undefined ? {} : { frontProxy }) });
}

/** Load balancers that look at `/readyz` have so long to send their clients elsewhere. */
function announceEnd(api: Api, delayMs: number, clock: Clock): Promise<void> {
  api.server.drain();
  return delay(clock, delayMs);
}

async function endListener(api: Api, listener: Listener): Promise<void> {
  // Watches end first: they would hold their connections for as long as they run.
  await api.server.close();
  await listener.close(GRACE_MS);
}

/** Writes the kubeconfig, and renews it and the serving certificate in time. The answer ends that. */
async function keepServerCredentials(
  options: EmbeddedOptions,
  pki: ServerPki,
  listener: Listener,
  url: string,
): Promise<() => void> {
  const { clock, logger, kubeconfigPath } = options;
  await mkdir(dirname(kubeconfigPath), { recursive: true, mode: 0o700 });
  return keepCredentials({
    clock,
    logger,
    renewals: [
      {
        name: 'serving certificate',
        renew: async () => {
          const { keyPem, certificatePem, renewAt } = await pki.serving(servingHosts(options.host));
          listener.updateTls(keyPem, certificatePem);
          return renewAt;
        },
      },
      {
        name: 'administrator kubeconfig',
        renew: async () => {
          const admin = await pki.admin();
          const text = kubeconfigText({
            server: url,
            certificateAuthorityPem: pki.serverCaPem,
            clientCertificatePem: admin.certificatePem,
            clientKeyPem: admin.keyPem,
          });
          await writePrivateFile(kubeconfigPath, text);
          return admin.renewAt;
        },
      },
    ],
  });
}
