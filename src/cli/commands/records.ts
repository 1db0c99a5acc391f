import type { Command } from 'commander';
import { secondsOf, type UnixSeconds } from '../../base/clock.js';
import { printable } from '../../base/printable.js';
import { recordName } from '../../certificates/canonical-record.js';
import type { CertificateRecord } from '../../certificates/certificate-record.js';
import { digestText } from '../../certificates/normalised-request.js';
import type { Client } from '../../client/client.js';
import { CERTIFICATE_RECORDS } from '../../client/resources.js';
import { sha256 } from '../../crypto/digest.js';
import { humanDuration } from '../../kube/human-duration.js';
import { parseTime } from '../../kube/time.js';
import type { ConfigureCommand } from '../command-entry.js';
import type { Environment } from '../environment.js';
import { usageError } from '../failure.js';
import { type OutputFormat, outputFlag, type RawFlags, rawFlags, readGlobalFlags, textFlag } from '../flags.js';
import { formatObject } from '../format-object.js';
import { readInput, shownInput } from '../input.js';
import { type Inspected, inspectBytes } from '../inspected.js';
import { identityText } from '../record-fields.js';
import { matchesSearch, type RecordSearch } from '../record-search.js';
import { withSession } from '../session.js';
import { formatTable } from '../text-table.js';

/** `records [NAME...]`: what was decided about requests and what came of it, long after the requests are gone. */
export const configureRecords: ConfigureCommand = (command, environment) => {
  command
    .argument('[name...]', 'names of records: the uids of requests; without any, all of them')
    .option('--name <name>', 'only of certificates for this DNS name, address, URI or common name')
    .option('--serial <number>', 'only of the certificate with this serial number, hexadecimal')
    .option('--requester <username>', 'only of requests by this user')
    .option('--signer <name>', 'only of requests for this signer')
    .option('--public-key <key>', 'only of this key: sha256:… or a file of the key, a request or a certificate')
    .option('-o, --output <format>', 'wide, json, yaml or name')
    .action((names: readonly string[]) => run(names, command, environment));
};

async function run(names: readonly string[], command: Command, environment: Environment): Promise<void> {
  const flags = rawFlags(command);
  const format = outputFlag(flags);
  const search = await readSearch(flags, environment);
  if (names.length > 0 && Object.keys(search).length > 0) {
    throw usageError('Cannot use names together with --name, --serial, --requester, --signer or --public-key');
  }
  await withSession(environment, readGlobalFlags(command), async ({ client }) => {
    const records = await fetchRecords(client, names, search, environment.signal);
    if (records.length === 0 && (format === 'table' || format === 'wide')) {
      environment.stderr.write('No resources found\n');
      return;
    }
    environment.stdout.write(await formatRecords(records, format, names.length === 1, secondsOf(environment.clock)));
  });
}

async function readSearch(flags: RawFlags, environment: Environment): Promise<RecordSearch> {
  const [name, serial, requester, signer, key] = ['name', 'serial', 'requester', 'signer', 'publicKey'].map((flag) =>
    textFlag(flags, flag),
  );
  if (serial !== undefined && !/^[0-9a-fA-F:]+$/.test(serial)) {
    throw usageError(`Cannot use --serial: ${JSON.stringify(serial)} is not hexadecimal`);
  }
  return {
    ...(name === undefined ? {} : { name }),
    ...(serial === undefined ? {} : { serial }),
    ...(requester === undefined ? {} : { requester }),
    ...(signer === undefined ? {} : { signer }),
    ...(key === undefined ? {} : { publicKeyDigest: await publicKeyDigest(key, environment) }),
  };
}

async function publicKeyDigest(key: string, environment: Environment): Promise<string> {
  if (/^sha256:[0-9a-f]{64}$/.test(key)) return key;
  const items = inspectBytes(await readInput(key, environment), environment.env['COUNTERSIGN_KEY_PASSPHRASE']);
  for (const item of items) {
    const der = publicKeyDer(item);
    if (der !== undefined) return digestText(sha256(der));
  }
  throw usageError(`Cannot use --public-key: ${shownInput(key)} holds no key, request or certificate that can be read`);
}

function publicKeyDer(item: Inspected): Uint8Array | undefined {
  switch (item.kind) {
    case 'certificate':
      return item.certificate.publicKey.der;
    case 'request':
      return item.decoded.request.publicKey.der;
    case 'private key':
      return item.key.publicKeyDer;
    case 'public key':
      return item.publicKey.der;
    case 'encrypted key':
    case 'unreadable':
      return undefined;
  }
}

/** In the order of their decisions. */
async function fetchRecords(
  client: Client,
  names: readonly string[],
  search: RecordSearch,
  signal: AbortSignal,
): Promise<readonly CertificateRecord[]> {
  if (names.length > 0) {
    return Promise.all(names.map((name) => client.get(CERTIFICATE_RECORDS, recordName(name), { signal })));
  }
  const found: CertificateRecord[] = [];
  for await (const page of client.pages(CERTIFICATE_RECORDS, { signal })) {
    found.push(...page.items.filter((record) => matchesSearch(record, search)));
  }
  return found.sort((a, b) => decidedAt(a) - decidedAt(b));
}

function decidedAt({ spec }: CertificateRecord): number {
  return parseTime(spec.decision.decidedAt) ?? 0;
}

const HEADER = ['NAME', 'REQUEST', 'REQUESTOR', 'SIGNERNAME', 'DECISION', 'POLICY', 'OUTCOME', 'EXPIRES', 'AGE'];
const WIDE = ['IDENTITY', 'SERIAL', 'NAMES'];

async function formatRecords(
  records: readonly CertificateRecord[],
  format: OutputFormat,
  single: boolean,
  now: UnixSeconds,
): Promise<string> {
  switch (format) {
    case 'name':
      return records.map(({ metadata }) => `certificaterecord.countersign.dev/${metadata.name ?? ''}\n`).join('');
    case 'json':
    case 'yaml': {
      const items = records.map((record) => ({
        apiVersion: 'countersign.dev/v1alpha1',
        kind: 'CertificateRecord',
        ...record,
      }));
      const list = { apiVersion: 'v1', kind: 'List', metadata: {}, items };
      return formatObject(single ? items[0] : list, format);
    }
    case 'table':
      return formatTable(
        HEADER,
        records.map((record) => columns(record, now)),
      );
    case 'wide':
      return formatTable(
        [...HEADER, ...WIDE],
        records.map((record) => [...columns(record, now), ...wideColumns(record)]),
      );
  }
}

function columns({ metadata, spec, status }: CertificateRecord, now: UnixSeconds): readonly string[] {
  const { request, requester, decision } = spec;
  const { phase, notAfter } = status?.issuance ?? {};
  const decided = parseTime(decision.decidedAt);
  return [
    printable(metadata.name ?? ''),
    printable(request.name),
    printable(requester.username),
    printable(request.signerName),
    decision.verdict,
    printable(decision.policy?.name ?? '<none>'),
    phase ?? '<none>',
    notAfter === undefined ? '<none>' : printable(notAfter),
    decided === undefined ? '<unknown>' : humanDuration((now - decided) * 1000),
  ];
}

function wideColumns({ spec, status }: CertificateRecord): readonly string[] {
  const names = [...new Set(spec.names.map(({ type, value }) => printable(`${type}:${value}`)))].join(',');
  return [identityText(spec), printable(status?.issuance?.serialNumber ?? '<none>'), names === '' ? '<none>' : names];
}
