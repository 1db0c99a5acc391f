import type { Command } from 'commander';
import { requireLifetime } from '../authority/lifetime.js';
import { toBase64 } from '../base/base64.js';
import { utf8 } from '../base/bytes.js';
import { secondsOf } from '../base/clock.js';
import { CountersignError } from '../base/error.js';
import { CERTIFICATES_GROUP, type CertificateSigningRequest } from '../certificates/certificate-signing-request.js';
import type { Client } from '../client/client.js';
import { CERTIFICATE_SIGNING_REQUESTS } from '../client/resources.js';
import { createCertificationRequest } from '../crypto/certification-request.js';
import { hasReason } from '../kube/status.js';
import { encodePem } from '../x509/pem.js';
import { awaitCertificate, type WaitEnd } from './await-certificate.js';
import { deliver, type Delivery, planDelivery } from './deliver-certificate.js';
import type { Environment } from './environment.js';
import { differencesFrom } from './existing-request.js';
import { CommandExit } from './failure.js';
import {
  dryRunFlag,
  outputFlag,
  type OutputFormat,
  type RawFlags,
  rawFlags,
  readGlobalFlags,
  switchFlag,
  textFlag,
} from './flags.js';
import { formatRequests, QUALIFIED } from './print-requests.js';
import { findKey, type KeyChoice, makeKey, type RequesterKey } from './requester-key.js';
import { parseRequestPlan, type RequestPlan } from './request-plan.js';
import { conditionReason } from './request-state.js';
import { withSession } from './session.js';

/** Exit code of a command that was interrupted: 128 and the number of SIGINT. */
const INTERRUPTED = 130;

/** The whole of one `request`. */
interface Run {
  readonly plan: RequestPlan;
  readonly flags: RawFlags;
  readonly format: OutputFormat;
  readonly environment: Environment;
  readonly client: Client;
  readonly key: RequesterKey;
}

/** Runs `request NAME`. */
export async function runRequest(name: string, command: Command, environment: Environment): Promise<void> {
  const flags = rawFlags(command);
  const plan = parseRequestPlan(name, flags);
  const format = outputFlag(flags);
  const dryRun = dryRunFlag(flags);
  const timeoutSeconds = requireLifetime(textFlag(flags, 'waitTimeout') ?? '15m', '--wait-timeout');
  const folder = textFlag(flags, 'outDir') ?? '.';
  const globals = readGlobalFlags(command);
  const choice = {
    folder,
    renew: switchFlag(flags, 'force'),
    write: dryRun === 'none',
    ...optional('given', textFlag(flags, 'key')),
  };
  if (dryRun === 'client') {
    const key = (await findKey(plan, choice, environment)) ?? (await makeKey(plan, choice, environment));
    const csr = await buildRequest(plan, key);
    const shown = format === 'table' || format === 'wide' ? 'yaml' : format;
    environment.stdout.write(await formatRequests([csr], shown, { now: secondsOf(environment.clock), single: true }));
    return;
  }
  await withSession(environment, globals, async ({ client, namespace }) => {
    const delivery = await planDelivery(plan, flags, { client, namespace, folder, environment });
    const key = await keyFor(plan, choice, client, environment);
    const run: Run = { plan, flags, format, environment, client, key };
    if (dryRun === 'none') tellKey(run);
    const csr = await submit(run, dryRun === 'server');
    if (dryRun === 'server') {
      await printObject(run, csr, 'created (server dry run)');
      return;
    }
    await finish(run, csr, delivery, timeoutSeconds);
  });
}

/** A key is only made, or replaced, where no request of that name waits for a certificate with another one. */
async function keyFor(
  plan: RequestPlan,
  choice: KeyChoice,
  client: Client,
  environment: Environment,
): Promise<RequesterKey> {
  const found = await findKey(plan, choice, environment);
  if (found !== undefined) return found;
  if (await exists(client, plan.name, environment.signal))
    throw nameTaken(plan, ['its key is not the one to be made here']);
  return makeKey(plan, choice, environment);
}

async function exists(client: Client, name: string, signal: AbortSignal): Promise<boolean> {
  try {
    await client.get(CERTIFICATE_SIGNING_REQUESTS, name, { signal });
    return true;
  } catch (error) {
    // who may create but not read hears of the other request when creating
    if (hasReason(error, 'NotFound') || hasReason(error, 'Forbidden')) return false;
    throw error;
  }
}

function nameTaken(plan: RequestPlan, differences: readonly string[]): CountersignError<'USAGE'> {
  return new CountersignError(
    'USAGE',
    `Cannot submit request ${JSON.stringify(plan.name)}: one of that name exists and ${differences.join(', and ')}; ` +
      `choose another name, or remove it with: kubectl delete csr ${plan.name}`,
  );
}

function optional<Name extends string, Value>(
  name: Name,
  value: Value | undefined,
): Readonly<Partial<Record<Name, Value>>> {
  // exactly the one property is set, and only where there is a value
  return (value === undefined ? {} : { [name]: value }) as Partial<Record<Name, Value>>;
}

function tellKey({ key, environment }: Run): void {
  const what =
    key.origin === 'made'
      ? 'Made a private key'
      : key.origin === 'kept'
        ? 'Using the key of an earlier run'
        : 'Using the key';
  environment.stderr.write(`${what}: ${key.path}\n`);
}

/** The API object for a plan. */
export async function buildRequest(plan: RequestPlan, key: RequesterKey): Promise<CertificateSigningRequest> {
  const der = await createCertificationRequest(key.key, { subject: plan.subject, subjectAltNames: plan.names });
  return {
    apiVersion: `${CERTIFICATES_GROUP}/v1`,
    kind: 'CertificateSigningRequest',
    metadata: { name: plan.name },
    spec: {
      request: toBase64(utf8(encodePem('CERTIFICATE REQUEST', der))),
      signerName: plan.signerName,
      ...(plan.expirationSeconds === undefined ? {} : { expirationSeconds: plan.expirationSeconds }),
      usages: plan.usages,
    },
    status: {},
  };
}

/** Posts the request, or goes on with the one of an earlier run where it asks for the same with the same key. */
async function submit(run: Run, dryRun: boolean): Promise<CertificateSigningRequest> {
  const { plan, client, environment, key } = run;
  const signal = environment.signal;
  try {
    const csr = await client.create(CERTIFICATE_SIGNING_REQUESTS, await buildRequest(plan, key), { signal, dryRun });
    if (!dryRun) environment.stderr.write(`Submitted ${QUALIFIED}/${plan.name} for signer ${plan.signerName}\n`);
    return csr;
  } catch (error) {
    if (!hasReason(error, 'AlreadyExists')) throw error;
  }
  const existing = await client.get(CERTIFICATE_SIGNING_REQUESTS, plan.name, { signal });
  const differences = differencesFrom(existing, plan, key.key.publicKeyDer);
  if (differences.length === 0) {
    environment.stderr.write(`Going on with ${QUALIFIED}/${plan.name}, which asks for the same with this key\n`);
    return existing;
  }
  throw nameTaken(plan, differences);
}

async function finish(
  run: Run,
  csr: CertificateSigningRequest,
  delivery: Delivery,
  timeoutSeconds: number,
): Promise<void> {
  const { plan, environment, client, flags } = run;
  if (flags['wait'] === false) {
    environment.stderr.write(`Not waiting. ${approveHint(environment, plan)}\n${resumeHint(run)}\n`);
    await printObject(run, csr, 'created');
    return;
  }
  const end = await awaitCertificate(client, plan, environment, timeoutSeconds);
  switch (end.kind) {
    case 'issued':
      await deliver(delivery, end, run.key, plan, environment);
      await printObject(run, end.csr, 'issued');
      return;
    case 'denied':
    case 'failed':
      throw new CountersignError('USAGE', `${endText(end, plan)}; nothing more will happen to it`);
    case 'deleted':
      throw new CountersignError('USAGE', `Cannot wait for ${QUALIFIED}/${plan.name}: it was deleted`);
    case 'timed-out':
      environment.stderr.write(`${resumeHint(run)}\n`);
      throw new CountersignError(
        'USAGE',
        `No certificate after ${textFlag(flags, 'waitTimeout') ?? '15m'}: ${end.waitingFor}`,
      );
    case 'interrupted':
      environment.stderr.write(`\nInterrupted. ${resumeHint(run)}\n`);
      throw new CommandExit(INTERRUPTED);
  }
}

function endText(end: WaitEnd & { readonly kind: 'denied' | 'failed' }, plan: RequestPlan): string {
  return end.kind === 'denied'
    ? `Request ${JSON.stringify(plan.name)} was denied: ${conditionReason(end.by)}`
    : `Request ${JSON.stringify(plan.name)} cannot be signed: ${conditionReason(end.by)}`;
}

/** What an administrator types. */
export function approveHint(environment: Environment, plan: RequestPlan): string {
  const { program } = environment;
  return (
    `To approve it: kubectl certificate approve ${plan.name}, or: ${program} approve ${plan.name}\n` +
    `To see what it waits for: ${program} explain ${plan.name}`
  );
}

function resumeHint({ key, environment, plan }: Run): string {
  return (
    `The key is kept in ${key.path} and the request ${plan.name} on the server. ` +
    `To go on, run the same '${environment.program} request ${plan.name}' again.`
  );
}

async function printObject(run: Run, csr: CertificateSigningRequest, done: string): Promise<void> {
  const { format, environment, plan } = run;
  if (format === 'table' || format === 'wide') {
    environment.stdout.write(`${QUALIFIED}/${plan.name} ${done}\n`);
    return;
  }
  environment.stdout.write(await formatRequests([csr], format, { now: secondsOf(environment.clock), single: true }));
}
