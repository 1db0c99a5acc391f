import { resolve } from 'node:path';
import type { Command } from 'commander';
import { requireLifetime } from '../authority/lifetime.js';
import { MIN_LIFETIME_SECONDS } from '../authority/validity.js';
import { KUBERNETES_SIGNERS } from '../certificates/kubernetes-signers.js';
import { validateSignerName } from '../certificates/signer-name.js';
import type { Environment } from '../cli/environment.js';
import { usageError } from '../cli/failure.js';
import { choiceFlag, listFlag, rawFlags, repeatable, switchFlag, textFlag } from '../cli/flags.js';
import type { RawFlags } from '../cli/flags.js';
import { fieldErrorText } from '../kube/field-error.js';
import { addApprovalFlags, approvalSettings, recordRetention } from './approval-flags.js';
import { addAuditFlags, auditSettings } from './audit-flags.js';
import { parseClockOffset } from './clock-offset.js';
import { addIdentityFlags, identitySettings } from './identity-flags.js';
import { addLoadFlags, loadSettings } from './load-flags.js';
import { type ControllerChoice, CONTROLLER_NAMES, parseControllerList, SIGNING_CONTROLLER } from './controller-list.js';
import { addEncryptionFlags, encryptionFiles } from './encryption-flags.js';
import type { Embedded, EmbeddedOptions } from './embedded.js';
import { startEmbedded } from './embedded.js';
import type { ListenAddress } from './locations.js';
import { DEFAULT_LISTEN, defaultDataFolder, defaultKubeconfigPath, parseListenAddress } from './locations.js';
import { createProcessLogger } from './process-logger.js';
import { DEFAULT_SERVICE_RANGE, parseServiceNetworks } from './service-networks.js';
import { withSharedStorage } from './shared-storage.js';
import { addElectionFlag, addStorageFlags, storageSettings, type StorageSettings } from './storage-flags.js';
import { createSystemClock } from './system-clock.js';
import { DEFAULT_SIGNERS } from './workload-ca.js';

/** Adds the flags of `up`. */
export function configureUp(command: Command, environment: Environment): void {
  addPlaces(command.optionsGroup('Where:'));
  addIssuance(command.optionsGroup('Who approves and signs:'));
  addApprovalFlags(command);
  command
    .optionsGroup('Whom it knows:')
    .option('--token-file <file>', 'CSV of bearer tokens: token,user,uid[,"group1,group2"]');
  addIdentityFlags(command);
  addElectionFlag(addStorageFlags(command.optionsGroup('Several replicas, on etcd:')));
  addEncryptionFlags(command.optionsGroup('Encryption at rest:'));
  addAuditFlags(command.optionsGroup('Audit log:'));
  addLoadFlags(command.optionsGroup('Load and shutdown:'));
  command
    .optionsGroup('Time and logs:')
    .option('--clock <offset>', 'run with a clock that is off, such as +89d: to rehearse expiry and clean-up')
    .option('--log-level <level>', 'debug, info, warn or error', 'warn')
    .option('--log-format <format>', 'text or json', 'text')
    .action(async () => {
      await up(rawFlags(command), environment);
    });
}

function addPlaces(command: Command): void {
  command
    .option('--data-dir <dir>', 'store, keys and CAs; default: $COUNTERSIGN_DATA_DIR, then ~/.countersign')
    .option('--in-memory', 'keep everything in memory: nothing is left when it ends')
    .option('--listen <host:port>', 'address of the API server; port 0 takes a free one', DEFAULT_LISTEN)
    .option(
      '--kubeconfig-out <file>',
      "the administrator's kubeconfig to write; default: admin.kubeconfig in the data folder",
    )
    .option(
      '--service-cluster-ip-range <cidr>',
      'network of cluster IPs, or one of each family with a comma between',
      DEFAULT_SERVICE_RANGE,
    );
}

function addIssuance(command: Command): void {
  command
    .option(
      '--signer <name>',
      `a signer to run with a CA of its own, repeatable; default: ${DEFAULT_SIGNERS.join(', ')}`,
      repeatable,
    )
    .option('--no-signers', 'run no signer, those of Kubernetes neither')
    .option(
      '--cluster-signing-duration <duration>',
      'lifetime of what the signers of Kubernetes sign, and the longest that may be asked for',
      '8760h',
    )
    .option('--no-approver', 'let nobody decide by policy')
    .option('--policy <file>', 'YAML of ApprovalPolicies to write into the store at the start, repeatable', repeatable)
    .option(
      '--controllers <list>',
      `loops to run, as for kube-controller-manager: "*,-endpointslice" is all but one of ${CONTROLLER_NAMES.join(', ')}`,
      '*',
    );
}

/** Where the embedded system keeps its things, from the flags. */
function placesOf(flags: RawFlags, environment: Environment) {
  const dataDir = textFlag(flags, 'dataDir');
  const inMemory = switchFlag(flags, 'inMemory');
  if (inMemory && dataDir !== undefined) throw usageError('Cannot use --in-memory together with --data-dir');
  const folder = dataDir === undefined ? defaultDataFolder(environment.env) : resolve(environment.cwd, dataDir);
  const named = textFlag(flags, 'kubeconfigOut');
  return {
    kubeconfigPath: named === undefined ? defaultKubeconfigPath(folder) : resolve(environment.cwd, named),
    ...(inMemory ? {} : { dataFolder: folder }),
  };
}

/** The signers that were named, or the usual ones, and those of Kubernetes unless somebody else has them. */
function signersOf(flags: RawFlags, runs: ControllerChoice): readonly string[] {
  if (flags['signers'] === false) {
    if (listFlag(flags, 'signer').length > 0) throw usageError('Cannot use --no-signers together with --signer');
    return [];
  }
  const named = listFlag(flags, 'signer');
  for (const name of named) {
    const [error] = validateSignerName(name, '--signer');
    if (error !== undefined) throw usageError(`Cannot use ${fieldErrorText(error)}`);
  }
  const own = named.length === 0 ? DEFAULT_SIGNERS : named;
  return [...new Set([...own, ...(runs(SIGNING_CONTROLLER) ? KUBERNETES_SIGNERS : [])])];
}

function signingSeconds(flags: RawFlags): number {
  const flag = '--cluster-signing-duration';
  const text = textFlag(flags, 'clusterSigningDuration') ?? '8760h';
  const seconds = requireLifetime(text, flag);
  if (seconds >= MIN_LIFETIME_SECONDS) return seconds;
  throw usageError(`Cannot use ${flag}: ${text} is ${seconds} s, it must be at least ${MIN_LIFETIME_SECONDS} s`);
}

function approverOf(flags: RawFlags, { cwd }: Environment): Pick<EmbeddedOptions, 'approver' | 'policyFiles'> {
  const policyFiles = listFlag(flags, 'policy').map((path) => resolve(cwd, path));
  const approver = flags['approver'] !== false;
  if (!approver && policyFiles.length > 0) throw usageError('Cannot use --no-approver together with --policy');
  return { approver, policyFiles };
}

function optionsOf(flags: RawFlags, environment: Environment): EmbeddedOptions {
  const address: ListenAddress = parseListenAddress(textFlag(flags, 'listen') ?? DEFAULT_LISTEN);
  const offset = textFlag(flags, 'clock');
  const tokenFile = textFlag(flags, 'tokenFile');
  const runs = parseControllerList(textFlag(flags, 'controllers') ?? '*');
  const audit = auditSettings(flags, environment.cwd);
  const clock = createSystemClock(offset === undefined ? 0 : parseClockOffset(offset));
  return {
    ...placesOf(flags, environment),
    ...address,
    ...(tokenFile === undefined ? {} : { tokenFile: resolve(environment.cwd, tokenFile) }),
    signerNames: signersOf(flags, runs),
    clusterSigningSeconds: signingSeconds(flags),
    runs,
    serviceNetworks: parseServiceNetworks(textFlag(flags, 'serviceClusterIpRange') ?? DEFAULT_SERVICE_RANGE),
    settings: approvalSettings(flags),
    identity: identitySettings(flags, environment.cwd),
    ...(audit === undefined ? {} : { audit }),
    encryption: encryptionFiles(flags, environment.cwd),
    load: loadSettings(flags),
    ...approverOf(flags, environment),
    retention: recordRetention(flags),
    clock,
    logger: createProcessLogger({
      level: choiceFlag(flags, 'logLevel', '--log-level', ['debug', 'info', 'warn', 'error']) ?? 'warn',
      format: choiceFlag(flags, 'logFormat', '--log-format', ['text', 'json']) ?? 'text',
      now: () => clock.now(),
      write: (line) => environment.stderr.write(line),
    }),
  };
}

/** A store that is shared with others, from the flags. What is secret never lies in it in plain text. */
function sharedOf(flags: RawFlags, { cwd, program }: Environment): StorageSettings | undefined {
  const settings = storageSettings(flags, cwd);
  if (settings === undefined) return undefined;
  if (switchFlag(flags, 'inMemory')) throw usageError('Cannot use --in-memory together with --storage');
  if (encryptionFiles(flags, cwd).keyFile !== undefined) return settings;
  throw usageError(
    `Cannot use --storage without --encryption-key-file: replicas share their CA keys in the store, where they must lie sealed: make a file with "${program} store genkey FILE" and give it to every replica`,
  );
}

async function up(flags: RawFlags, environment: Environment): Promise<void> {
  const storage = sharedOf(flags, environment);
  const options = optionsOf(flags, environment);
  const { dataFolder } = options;
  if (storage === undefined || dataFolder === undefined) return serve(options, environment);
  const { leaseDurationSeconds } = storage;
  await withSharedStorage(storage, dataFolder, (shared) =>
    serve({ ...options, shared, leaseDurationSeconds }, environment, storage.address),
  );
}

async function serve(options: EmbeddedOptions, environment: Environment, storage?: string): Promise<void> {
  const { signal } = environment;
  const begin = environment.clock.now();
  const embedded = await startEmbedded(options);
  environment.stderr.write(welcome(embedded, { ...options, storage }, environment, environment.clock.now() - begin));
  await new Promise<void>((done) => {
    // Something must keep the process alive: the listener does, until it is closed below.
    if (signal.aborted) done();
    else signal.addEventListener('abort', () => done(), { once: true });
  });
  environment.stderr.write('Stopping: finishing what is in progress (once more to stop at once)\n');
  await embedded.close();
}

/** What a newcomer needs to know once it runs. */
function welcome(
  embedded: Embedded,
  options: EmbeddedOptions & { readonly storage: string | undefined },
  { program }: Environment,
  tookMs: number,
): string {
  const [signer] = options.signerNames;
  const lines = [
    `Ready at ${embedded.url} after ${Math.round(tookMs)} ms`,
    '',
    `  data        ${options.dataFolder ?? 'in memory only'}`,
    ...(options.storage === undefined ? [] : [`  store       ${options.storage}, shared with other replicas`]),
    `  kubeconfig  ${embedded.kubeconfigPath}`,
    `  signers     ${options.signerNames.length === 0 ? 'none' : options.signerNames.join(', ')}`,
    `  approver    ${options.approver === false ? 'none: people decide' : 'decides as ApprovalPolicies say; without one, people do'}`,
    ...(embedded.encryptionKey === undefined
      ? []
      : [`  encryption  Secrets and own keys are sealed with key ${JSON.stringify(embedded.encryptionKey)}`]),
    '',
    'In another terminal:',
    '',
    `  export KUBECONFIG=${embedded.kubeconfigPath}`,
    '  kubectl get namespaces',
    ...(signer === undefined
      ? []
      : [
          `  ${program} request my-svc --signer ${signer} --dns my-svc.default.svc.cluster.local`,
          `  ${program} approve my-svc`,
        ]),
    '',
    'Ctrl-C stops it.',
  ];
  return `${lines.join('\n')}\n`;
}
