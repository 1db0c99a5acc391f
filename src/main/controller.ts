import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { secondsOf } from '../base/clock.js';
import type { Logger } from '../base/logger.js';
import { parseCaMaterial } from '../authority/ca-material.js';
import type { CertificateAuthority } from '../authority/certificate-authority.js';
import { createCertificateAuthority } from '../authority/certificate-authority.js';
import { createSoftwareCustody, type KeyCustody } from '../authority/key-custody.js';
import { parseRecordKeys } from '../authority/record-keys.js';
import { parseSigningProfile, type SigningProfile } from '../authority/signing-profile.js';
import { loadCelEngine } from '../cel/cel-engine.js';
import { validateSignerName } from '../certificates/signer-name.js';
import type { Environment } from '../cli/environment.js';
import { usageError } from '../cli/failure.js';
import { choiceFlag, listFlag, rawFlags, readGlobalFlags, repeatable, switchFlag, textFlag } from '../cli/flags.js';
import type { RawFlags } from '../cli/flags.js';
import { createClient } from '../client/client.js';
import { DEFAULT_ELECTION_LEASE } from '../client/heartbeat.js';
import { createEventRecorder } from '../client/event-recorder.js';
import { runWithLease } from '../client/lease-election.js';
import { createCleaner } from '../controllers/cleaner/cleaner.js';
import { createRecordVerifier } from '../authority/record-verifier.js';
import { createFactCaches } from '../controllers/facts/fact-caches.js';
import { createHeartbeat, type HeartbeatOptions } from '../controllers/heartbeat/heartbeat.js';
import type { RecordRetention } from '../controllers/records/record-cleaner.js';
import type { Controller } from '../controllers/runtime/controller.js';
import { runControllers } from '../controllers/runtime/run-controllers.js';
import { createSigner } from '../controllers/signer/signer.js';
import { parsePrivateKeyPem } from '../crypto/private-key.js';
import { createPooledRandom } from '../crypto/pooled-random.js';
import { createRequestVerifier } from '../crypto/request-verifier.js';
import { fieldErrorText } from '../kube/field-error.js';
import type { CompiledPolicy } from '../policy/compiled-policy.js';
import type { ExpressionEngine } from '../policy/expression.js';
import type { ApprovalSettings } from '../policy/settings.js';
import { parseSubjectPublicKeyInfo, type SubjectPublicKeyInfo } from '../x509/public-key.js';
import { addApprovalFlags, approvalSettings, recordRetention } from './approval-flags.js';
import { createApproval } from './approval.js';
import { countControllers, type CountingControllers } from './controller-metrics.js';
import { type ListenAddress, parseListenAddress } from './locations.js';
import { listenForMetrics, type MetricsListener } from './metrics-listener.js';
import { readPolicyFiles } from './policy-files.js';
import { createProcessLogger } from './process-logger.js';
import { createStanding, type Standing } from './standing.js';
import { VERSION } from './version.js';

/** Adds the flags of `controller`. */
export function configureController(command: Command, environment: Environment): void {
  addApprovalFlags(command)
    .option('--approver', 'decide about requests as ApprovalPolicies say')
    .option(
      '--policy <file>',
      "YAML of ApprovalPolicies that the approver goes by instead of the API server's, repeatable",
      repeatable,
    )
    .option('--record-key <file>', "the approver's private key, which signs its records, PEM")
    .option('--signer <name>', 'a signerName to sign for, repeatable; all of them with the same CA', repeatable)
    .option('--ca <file>', "the CA's certificate, and intermediates above it, PEM")
    .option('--ca-key <file>', "the CA's private key, PEM")
    .option('--ca-key-passphrase-env <name>', 'environment variable that holds the passphrase of the key')
    .option('--max-duration <duration>', 'longest lifetime of a certificate', '8760h')
    .option('--usages <list>', 'usages that may be asked for; default: those of TLS servers and clients', repeatable)
    .option(
      '--record-trust <file>',
      'public keys of the approvers whose records count, for signer and approver, PEM; that of --record-key is one of them',
      repeatable,
    )
    .option('--cleaner', 'also delete old requests, as kube-controller-manager does; a cluster has that already')
    .option(
      '--lease-namespace <name>',
      'namespace of the Lease by which replicas elect one; default: that of the context',
    )
    .option(
      '--lease-name <name>',
      'name of that Lease, and prefix of those that show that it works: only replicas of one controller share them',
      DEFAULT_ELECTION_LEASE,
    )
    .option('--no-leader-elect', 'work without a Lease: for a single replica')
    .option('--metrics-listen <host:port>', 'serve /metrics, /healthz and /readyz there, over plain HTTP')
    .option('--log-level <level>', 'debug, info, warn or error', 'info')
    .option('--log-format <format>', 'text or json', 'text')
    .action(async () => {
      await control(command, environment);
    });
}

interface Plan {
  readonly signerNames: readonly string[];
  /** What the signer signs; empty without one. */
  readonly usages: readonly string[];
  readonly authority: CertificateAuthority | undefined;
  readonly approver: ApproverPlan | undefined;
  /** Whose records the signer goes by; none: it signs nothing that a policy approved. */
  readonly recordKeys: readonly SubjectPublicKeyInfo[];
  /** Whether they are all that count (--record-trust): then nobody else's records say whose a key is. */
  readonly knowsRecordKeys: boolean;
  readonly settings: ApprovalSettings;
  readonly cleaner: boolean;
  /** Where metrics are served; absent: nowhere. */
  readonly metricsAddress: ListenAddress | undefined;
  /** Whether replicas elect one; otherwise this one is alone. */
  readonly elects: boolean;
  /** The Lease by which they do, which also names the signs of life. */
  readonly leaseName: string;
}

interface ApproverPlan {
  readonly custody: KeyCustody;
  readonly engine: ExpressionEngine;
  readonly retention: RecordRetention;
  /** Absent: those of the API server. */
  readonly policies?: readonly CompiledPolicy[];
}

async function planOf(flags: RawFlags, environment: Environment): Promise<Plan> {
  const signerNames = [...new Set(listFlag(flags, 'signer'))];
  for (const name of signerNames) {
    const [error] = validateSignerName(name, '--signer');
    if (error !== undefined) throw usageError(`Cannot use ${fieldErrorText(error)}`);
  }
  const cleaner = switchFlag(flags, 'cleaner');
  const approver = await approverOf(flags, environment);
  if (signerNames.length === 0 && approver === undefined && !cleaner) {
    throw usageError('Cannot start: give --approver with --record-key, --signer with --ca and --ca-key, or --cleaner');
  }
  return {
    signerNames,
    usages: signerNames.length === 0 ? [] : [...profileOf(flags).usages],
    approver,
    recordKeys: await recordKeysOf(flags, approver, signerNames, environment),
    knowsRecordKeys: listFlag(flags, 'recordTrust').length > 0,
    settings: approvalSettings(flags),
    cleaner,
    metricsAddress: metricsAddressOf(flags),
    elects: flags['leaderElect'] !== false,
    leaseName: textFlag(flags, 'leaseName') ?? DEFAULT_ELECTION_LEASE,
    authority: signerNames.length === 0 ? undefined : await authorityOf(flags, environment),
  };
}

function metricsAddressOf(flags: RawFlags): ListenAddress | undefined {
  const text = textFlag(flags, 'metricsListen');
  return text === undefined ? undefined : parseListenAddress(text, '--metrics-listen', '127.0.0.1:9402');
}

async function approverOf(flags: RawFlags, environment: Environment): Promise<ApproverPlan | undefined> {
  const recordKey = textFlag(flags, 'recordKey');
  const files = listFlag(flags, 'policy');
  if (!switchFlag(flags, 'approver')) {
    if (recordKey !== undefined || files.length > 0) {
      throw usageError('Cannot use --record-key or --policy without --approver');
    }
    return undefined;
  }
  if (recordKey === undefined) throw usageError('Cannot approve: give --record-key, the key that signs records');
  const { cwd, clock } = environment;
  const engine = await loadCelEngine({ clock });
  const policies = await readPolicyFiles(files, cwd, engine);
  return {
    custody: createSoftwareCustody(parsePrivateKeyPem(await readFile(resolve(cwd, recordKey), 'utf8'))),
    engine,
    retention: recordRetention(flags),
    ...(files.length === 0 ? {} : { policies: policies.map(({ compiled }) => compiled) }),
  };
}

async function recordKeysOf(
  flags: RawFlags,
  approver: ApproverPlan | undefined,
  signerNames: readonly string[],
  { cwd }: Environment,
): Promise<readonly SubjectPublicKeyInfo[]> {
  const paths = listFlag(flags, 'recordTrust');
  if (paths.length > 0 && signerNames.length === 0 && approver === undefined) {
    throw usageError('Cannot use --record-trust without --signer or --approver');
  }
  const texts = await Promise.all(paths.map((path) => readFile(resolve(cwd, path), 'utf8')));
  const own = approver === undefined ? [] : [parseSubjectPublicKeyInfo(approver.custody.publicKeyDer)];
  return [...texts.flatMap(parseRecordKeys), ...own];
}

async function authorityOf(flags: RawFlags, environment: Environment): Promise<CertificateAuthority> {
  const ca = textFlag(flags, 'ca');
  const caKey = textFlag(flags, 'caKey');
  if (ca === undefined || caKey === undefined) throw usageError('Cannot sign: give both --ca and --ca-key');
  const variable = textFlag(flags, 'caKeyPassphraseEnv');
  const passphrase = variable === undefined ? undefined : environment.env[variable];
  if (variable !== undefined && passphrase === undefined) {
    throw usageError(`Cannot use --ca-key-passphrase-env: the environment has no ${variable}`);
  }
  const { clock, random } = environment;
  const material = parseCaMaterial({
    certificatesPem: await readFile(resolve(environment.cwd, ca), 'utf8'),
    keyPem: await readFile(resolve(environment.cwd, caKey), 'utf8'),
    ...(passphrase === undefined ? {} : { passphrase }),
    now: secondsOf(clock),
  });
  return createCertificateAuthority(material, profileOf(flags), { clock, random });
}

function profileOf(flags: RawFlags): SigningProfile {
  const usages = listFlag(flags, 'usages');
  const max = textFlag(flags, 'maxDuration') ?? '8760h';
  return parseSigningProfile({ max, default: max, ...(usages.length === 0 ? {} : { usages }) });
}

async function control(command: Command, environment: Environment): Promise<void> {
  const flags = rawFlags(command);
  const { kubeconfig, context } = readGlobalFlags(command);
  const { clock, signal } = environment;
  const logger = createProcessLogger({
    level: choiceFlag(flags, 'logLevel', '--log-level', ['debug', 'info', 'warn', 'error']) ?? 'info',
    format: choiceFlag(flags, 'logFormat', '--log-format', ['text', 'json']) ?? 'text',
    now: () => clock.now(),
    write: (line) => environment.stderr.write(line),
  });
  const plan = await planOf(flags, environment);
  const observed: Observed = {
    metrics: countControllers(),
    standing: createStanding(plan.elects ? plan.leaseName : undefined),
  };
  const stopping = (): void => observed.standing.reach('stopping');
  signal.addEventListener('abort', stopping, { once: true });
  const listener = await serveMetrics(plan, observed, logger);
  try {
    const connection = await environment.connect({
      ...(kubeconfig === undefined ? {} : { kubeconfig }),
      ...(context === undefined ? {} : { context }),
    });
    try {
      const client = createClient(connection.transport, { userAgent: `countersign-controller/${VERSION}`, clock });
      const namespace = textFlag(flags, 'leaseNamespace') ?? connection.namespace;
      const identity = `${hostname()}_${randomUUID()}`;
      await contend(plan, { client, clock, logger, namespace, identity }, observed, environment);
    } finally {
      await connection.close();
    }
  } finally {
    signal.removeEventListener('abort', stopping);
    await listener?.close();
  }
}

/** What others can see of the process. */
interface Observed {
  readonly metrics: CountingControllers;
  readonly standing: Standing;
}

async function serveMetrics(
  { metricsAddress }: Plan,
  { metrics, standing }: Observed,
  logger: Logger,
): Promise<MetricsListener | undefined> {
  if (metricsAddress === undefined) return undefined;
  const unready = (): string | undefined => standing.unready();
  return listenForMetrics({ ...metricsAddress, sources: [metrics, standing], unready, logger });
}

/** The API server, and where and as whom the controllers show there that they work. */
type Life = Pick<HeartbeatOptions, 'client' | 'clock' | 'logger' | 'namespace' | 'identity'>;

/** Works while it leads, or at once where nobody is elected. */
async function contend(plan: Plan, life: Life, observed: Observed, environment: Environment): Promise<void> {
  const { random, signal } = environment;
  const { standing } = observed;
  const lead = async (leading: AbortSignal): Promise<void> => {
    standing.reach('reading');
    await work(plan, life, observed, environment, leading);
    standing.reach('contending');
  };
  if (!plan.elects) return lead(signal);
  const { leaseName: name } = plan;
  const { logger, namespace, identity } = life;
  logger.info('Lease wanted', { namespace, name, identity });
  await runWithLease({ ...life, random, name, onStandby: () => standing.reach('standby') }, lead, signal);
}

/** Signs of life for what the plan has at work. */
function heartbeatsOf(plan: Plan, who: Life): readonly Controller[] {
  const { approver, settings, signerNames, usages } = plan;
  const life = { ...who, electionLease: plan.leaseName };
  const approving = {
    role: 'approver',
    signerNames: [...new Set(approver?.policies?.flatMap((policy) => policy.signerNames))],
    settings,
    hasPolicyFiles: approver?.policies !== undefined,
  } as const;
  return [
    ...(approver === undefined ? [] : [createHeartbeat({ ...life, ...approving })]),
    ...(signerNames.length === 0 ? [] : [createHeartbeat({ ...life, role: 'signer', signerNames, usages })]),
  ];
}

/** Runs the controllers until `signal` aborts, and drains them. */
async function work(
  plan: Plan,
  life: Life,
  { metrics, standing }: Observed,
  environment: Environment,
  signal: AbortSignal,
): Promise<void> {
  const { clock } = environment;
  const { client, logger } = life;
  const random = createPooledRandom();
  const world = { client, clock, random };
  const events = createEventRecorder({
    client,
    clock,
    random,
    logger,
    component: 'countersign.dev/signer',
    instance: hostname(),
  });
  const controllers: Controller[] = [];
  const { settings } = plan;
  const verifier = createRequestVerifier();
  const { authority, recordKeys: keys, knowsRecordKeys } = plan;
  const records = createRecordVerifier(keys);
  const counted = knowsRecordKeys ? { records } : {};
  const approval =
    plan.approver === undefined
      ? undefined
      : createApproval({
          ...plan.approver,
          ...counted,
          settings,
          client,
          clock,
          random,
          logger,
          verifier,
          metrics: metrics.approver,
          instance: hostname(),
        });
  controllers.push(...(approval?.controllers ?? []));
  if (authority !== undefined) {
    for (const name of plan.signerNames) metrics.signs(name, authority.notAfter);
    const issuers = new Map(plan.signerNames.map((name) => [name, authority]));
    const trust =
      keys.length === 0
        ? {}
        : { records: { records, settings, facts: approval?.facts ?? createFactCaches({ ...world, ...counted }) } };
    const signing = { ...world, logger, verifier, events, issuers, metrics: metrics.signer };
    controllers.push(createSigner({ ...signing, ...trust }));
  }
  if (plan.cleaner) controllers.push(createCleaner({ client, logger }));
  controllers.push(...heartbeatsOf(plan, life));
  const running = runControllers(controllers, { clock, random, logger, metrics: metrics.controllers }, signal);
  await running.ready;
  if (!signal.aborted) {
    standing.reach('working');
    logger.info('Controllers started', {
      approver: plan.approver !== undefined,
      signers: plan.signerNames.join(',') || 'none',
      cleaner: plan.cleaner,
    });
  }
  await running.ended;
  await Promise.all([events.flush(), approval?.flush()]);
}
