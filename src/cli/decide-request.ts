import type { Command } from 'commander';
import { secondsOf } from '../base/clock.js';
import { CountersignError } from '../base/error.js';
import type {
  CertificateSigningRequest,
  CertificateSigningRequestCondition,
} from '../certificates/certificate-signing-request.js';
import type { Client } from '../client/client.js';
import { CERTIFICATE_SIGNING_REQUESTS } from '../client/resources.js';
import { hasReason } from '../kube/status.js';
import { formatTime } from '../kube/time.js';
import { decodeRequest } from './decoded-request.js';
import type { Environment } from './environment.js';
import { usageError } from './failure.js';
import { dryRunFlag, outputFlag, rawFlags, readGlobalFlags, repeatable, textFlag, textsFlag } from './flags.js';
import { formatRequests, QUALIFIED } from './print-requests.js';
import type { ConfigureCommand } from './command-entry.js';
import { requestNames } from './request-arguments.js';
import { requestNamesIn } from './requests-in-file.js';
import { alternativeNameFields, shownName } from './request-fields.js';
import { withSession } from './session.js';

/** A decision and the words in which it is recorded and reported. */
export interface DecisionKind {
  readonly type: 'Approved' | 'Denied';
  readonly opposite: 'Approved' | 'Denied';
  /** Past tense, for the report. */
  readonly done: string;
  readonly reason: string;
  readonly message: string;
}

/** Attempts of one write: an object that changes this often is being fought over. */
const MAX_ATTEMPTS = 10;

/** The command that records `kind` on requests by name, as `kubectl certificate approve|deny` does. */
export function configureDecision(kind: DecisionKind): ConfigureCommand {
  return (command, environment) => {
    command
      .argument('[name...]', 'names of requests')
      .option(
        '-f, --filename <file>',
        'YAML or JSON of requests to decide about, repeatable; - is standard input',
        repeatable,
      )
      .option('--reason <reason>', `a short CamelCase reason; default ${kind.reason}`)
      .option('--message <text>', 'why, for people')
      .option('--dry-run <strategy>', 'none, client (say what would be done) or server (let the server check)')
      .option('-o, --output <format>', 'json, yaml or name')
      .action((args: readonly string[]) => runDecision(kind, command, environment, args));
  };
}

async function runDecision(
  kind: DecisionKind,
  command: Command,
  environment: Environment,
  args: readonly string[],
): Promise<void> {
  const flags = rawFlags(command);
  const names = await chosenNames(args, textsFlag(flags, 'filename'), environment);
  const format = outputFlag(flags);
  const dryRun = dryRunFlag(flags);
  const condition: CertificateSigningRequestCondition = {
    type: kind.type,
    status: 'True',
    reason: textFlag(flags, 'reason') ?? kind.reason,
    message: textFlag(flags, 'message') ?? kind.message,
    lastUpdateTime: formatTime(secondsOf(environment.clock)),
  };
  await withSession(environment, readGlobalFlags(command), async ({ client }) => {
    for (const name of names) {
      const csr = await decide(client, name, kind, condition, dryRun, environment.signal);
      showSubject(csr, environment);
      if (format === 'table' || format === 'wide') {
        const suffix = dryRun === 'none' ? '' : dryRun === 'client' ? ' (dry run)' : ' (server dry run)';
        environment.stdout.write(`${QUALIFIED}/${name} ${kind.done}${suffix}\n`);
      } else {
        const now = secondsOf(environment.clock);
        environment.stdout.write(await formatRequests([csr], format, { now, single: true }));
      }
    }
  });
}

/** By arguments, by files, or both; each once. A file is read whole before anything is decided. */
async function chosenNames(
  args: readonly string[],
  files: readonly string[],
  environment: Environment,
): Promise<readonly string[]> {
  if (args.length === 0 && files.length === 0) {
    throw usageError('Cannot choose requests: name at least one, or give a file with -f');
  }
  const names = new Set(args.length === 0 ? [] : requestNames(args));
  for (const file of files) for (const name of await requestNamesIn(file, environment)) names.add(name);
  return [...names];
}

/** Writes the condition unless it is there already; a concurrent change is read again and judged again. */
async function decide(
  client: Client,
  name: string,
  kind: DecisionKind,
  condition: CertificateSigningRequestCondition,
  dryRun: 'none' | 'client' | 'server',
  signal: AbortSignal,
): Promise<CertificateSigningRequest> {
  for (let attempt = 1; ; attempt++) {
    const csr = await client.get(CERTIFICATE_SIGNING_REQUESTS, name, { signal });
    const conditions = csr.status.conditions ?? [];
    if (conditions.some((present) => present.type === kind.opposite)) {
      throw new CountersignError(
        'USAGE',
        `certificate signing request ${JSON.stringify(name)} is already ${kind.opposite}`,
      );
    }
    if (dryRun === 'client' || conditions.some((present) => present.type === kind.type)) return csr;
    const decided = { ...csr, status: { ...csr.status, conditions: [...conditions, condition] } };
    try {
      const options = { signal, dryRun: dryRun === 'server' };
      return await client.updateSubresource(CERTIFICATE_SIGNING_REQUESTS, 'approval', decided, options);
    } catch (error) {
      if (!hasReason(error, 'Conflict') || attempt === MAX_ATTEMPTS) throw error;
    }
  }
}

/** What was decided about, so that a slip of the name is seen; and what a signer of ours would say to it. */
function showSubject(csr: CertificateSigningRequest, environment: Environment): void {
  const decoded = decodeRequest(csr);
  if (decoded.kind === 'unreadable') {
    environment.stderr.write(`  the request cannot be read: ${decoded.detail}\n`);
    return;
  }
  const names = alternativeNameFields(decoded.request.subjectAltNames).map(
    ([title, text]) => `${title}: ${text.replaceAll('\n', ', ')}`,
  );
  environment.stderr.write(`  ${['Subject: ' + shownName(decoded.request.subject), ...names].join('; ')}\n`);
  for (const finding of decoded.findings) {
    environment.stderr.write(
      `  warning: ${finding.path}: ${finding.detail}; a countersign signer refuses to sign this\n`,
    );
  }
}
