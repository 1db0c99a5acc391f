import type { Command } from 'commander';
import { decodeBase64 } from '../../base/base64.js';
import { parseUtf8 } from '../../base/bytes.js';
import { secondsOf } from '../../base/clock.js';
import { CountersignError, hasCode } from '../../base/error.js';
import type { CertificateSigningRequest } from '../../certificates/certificate-signing-request.js';
import { conditionText } from '../../certificates/conditions.js';
import type { Client } from '../../client/client.js';
import { CERTIFICATE_SIGNING_REQUESTS } from '../../client/resources.js';
import { escapeFieldValue } from '../../client/wait-for.js';
import type { ConfigureCommand } from '../command-entry.js';
import type { Environment } from '../environment.js';
import { usageError } from '../failure.js';
import {
  type OutputFormat,
  outputFlag,
  type RawFlags,
  rawFlags,
  readGlobalFlags,
  switchFlag,
  textFlag,
} from '../flags.js';
import { formatLine, formatRequests } from '../print-requests.js';
import { withoutResourceWord } from '../request-arguments.js';
import { withSession } from '../session.js';

/** `get [NAME...]`: requests as a table; `-o wide` with key, subject, names and expiry read from the request. */
export const configureGet: ConfigureCommand = (command, environment) => {
  command
    .argument('[name...]', 'names of requests; without any, all of them')
    .option('-o, --output <format>', 'wide, json, yaml, name; for one: request or certificate, the PEM in it')
    .option('-w, --watch', 'go on showing what changes, until Ctrl-C')
    .option('--signer <name>', 'only requests for this signer')
    .option('-l, --selector <selector>', 'only requests whose labels match')
    .action((args: readonly string[]) => run(args, command, environment));
};

/** What is asked for. */
interface Query {
  readonly names: readonly string[];
  readonly format: OutputFormat;
  readonly part: PemPart | undefined;
  readonly selectors: { readonly fieldSelector?: string; readonly labelSelector?: string };
  readonly watch: boolean;
}

async function run(args: readonly string[], command: Command, environment: Environment): Promise<void> {
  const query = readQuery(args, rawFlags(command));
  await withSession(environment, readGlobalFlags(command), async ({ client }) => {
    const { items, resourceVersion } = await fetchRequests(client, query, environment.signal);
    await print(items, query, environment);
    if (query.watch && resourceVersion !== undefined) await follow(client, query, resourceVersion, environment);
  });
}

function readQuery(args: readonly string[], flags: RawFlags): Query {
  const names = withoutResourceWord(args);
  const part = pemPart(textFlag(flags, 'output'));
  const signer = textFlag(flags, 'signer');
  const selector = textFlag(flags, 'selector');
  const watch = switchFlag(flags, 'watch');
  const [name] = names;
  if (watch && names.length > 1) throw usageError('Cannot use --watch with more than one name');
  if (names.length > 0 && (signer !== undefined || selector !== undefined)) {
    throw usageError('Cannot use --signer or --selector together with names');
  }
  const format = part === undefined ? outputFlag(flags) : 'json';
  if (watch && (part !== undefined || (format !== 'table' && format !== 'wide' && format !== 'name'))) {
    throw usageError('Cannot use --watch with this --output: it shows lines, as a table, wide or name');
  }
  const field = watch && name !== undefined ? `metadata.name=${escapeFieldValue(name)}` : signerField(signer);
  return {
    names,
    format,
    part,
    selectors: {
      ...(field === undefined ? {} : { fieldSelector: field }),
      ...(selector === undefined ? {} : { labelSelector: selector }),
    },
    watch,
  };
}

function signerField(signer: string | undefined): string | undefined {
  return signer === undefined ? undefined : `spec.signerName=${escapeFieldValue(signer)}`;
}

interface Fetched {
  readonly items: readonly CertificateSigningRequest[];
  /** Where a watch goes on from; undefined where there is none to come. */
  readonly resourceVersion?: string;
}

async function fetchRequests(client: Client, query: Query, signal: AbortSignal): Promise<Fetched> {
  if (query.names.length > 0 && !query.watch) {
    const items = await Promise.all(
      query.names.map((name) => client.get(CERTIFICATE_SIGNING_REQUESTS, name, { signal })),
    );
    return { items };
  }
  const { items, metadata } = await client.list(CERTIFICATE_SIGNING_REQUESTS, { ...query.selectors, signal });
  return { items, resourceVersion: metadata.resourceVersion ?? '' };
}

async function print(
  requests: readonly CertificateSigningRequest[],
  query: Query,
  environment: Environment,
): Promise<void> {
  const { format, part } = query;
  if (part !== undefined) {
    environment.stdout.write(requests.map((csr) => partText(csr, part)).join(''));
    return;
  }
  if (requests.length === 0 && (format === 'table' || format === 'wide')) {
    environment.stderr.write('No resources found\n');
    return;
  }
  const now = secondsOf(environment.clock);
  environment.stdout.write(await formatRequests(requests, format, { now, single: query.names.length === 1 }));
}

/** Shows each change as a line, until the user has seen enough or the server ends the watch. */
async function follow(client: Client, query: Query, resourceVersion: string, environment: Environment): Promise<void> {
  const { signal } = environment;
  try {
    await client.watch(CERTIFICATE_SIGNING_REQUESTS, { ...query.selectors, resourceVersion, signal }, (event) => {
      if (event.type === 'BOOKMARK') return;
      environment.stdout.write(formatLine(event.object, query.format, secondsOf(environment.clock)));
    });
  } catch (error) {
    if (!hasCode(error, 'ABORTED')) throw error;
  }
}

type PemPart = 'request' | 'certificate';

function pemPart(output: string | undefined): PemPart | undefined {
  return output === 'request' || output === 'certificate' ? output : undefined;
}

/** The PEM that a field holds, which kubectl shows only as base64. */
function partText(csr: CertificateSigningRequest, part: PemPart): string {
  const base64 = part === 'request' ? csr.spec.request : (csr.status.certificate ?? '');
  const decoded = decodeBase64(base64);
  const text = decoded.kind === 'bytes' ? parseUtf8(decoded.bytes) : undefined;
  if (text !== undefined && text !== '') return text.endsWith('\n') ? text : `${text}\n`;
  const name = csr.metadata.name ?? '';
  const why = base64 === '' ? `it has no ${part}` : `its ${part} is no base64 of text`;
  throw new CountersignError(
    'USAGE',
    `Cannot get the ${part} of ${JSON.stringify(name)}: ${why}; it is ${conditionText(csr)}`,
  );
}
