import type { Command } from 'commander';
import { CountersignError, messageOf } from '../../base/error.js';
import { printable } from '../../base/printable.js';
import type { CertificateRecord } from '../../certificates/certificate-record.js';
import { parseCertificateRecord } from '../../certificates/parse-certificate-record.js';
import type { Client } from '../../client/client.js';
import { APPROVAL_POLICIES, CERTIFICATE_RECORDS } from '../../client/resources.js';
import { sha256 } from '../../crypto/digest.js';
import { isJsonObject } from '../../kube/decode-json.js';
import { compileOrExplain } from '../../policy/compile-policy.js';
import type { CompiledPolicy, NotReadyPolicy } from '../../policy/compiled-policy.js';
import type { ExpressionEngine } from '../../policy/expression.js';
import { createPolicySet, type PolicySet } from '../../policy/policy-set.js';
import { replayRecord, type Replay } from '../../policy/replay-record.js';
import type { Environment } from '../environment.js';
import { CommandExit, usageError } from '../failure.js';
import { choiceFlag, listFlag, rawFlags, readGlobalFlags, switchFlag } from '../flags.js';
import { formatObject } from '../format-object.js';
import { readTextInput, shownInput } from '../input.js';
import { withSession } from '../session.js';
import { formatTable } from '../text-table.js';
import { problemLine, type PolicyParts } from './policy-parts.js';

/** A record, and how its decision compares. */
interface Replayed {
  readonly record: string;
  readonly request: string;
  readonly requester: string;
  readonly was: string;
  readonly replay: Replay;
}

/** `policy replay`: exit code 1 where something that was approved would no longer be. */
export async function replayPolicies(command: Command, parts: PolicyParts, environment: Environment): Promise<void> {
  const flags = rawFlags(command);
  const format = choiceFlag(flags, 'output', '--output', ['json', 'yaml']);
  const engine = await parts.loadEngine();
  const own = await policiesOfFiles(listFlag(flags, 'policy'), parts, engine, environment);
  const onlyFiles = switchFlag(flags, 'onlyFiles');
  if (onlyFiles && own.length === 0) throw usageError('Cannot use --only-files without --policy');
  const files = listFlag(flags, 'filename');
  const { records, policies } = await read(files, onlyFiles, command, { engine, own, environment });
  const settings = parts.settingsOf(flags);
  const replayed = records.map((record) => replayedOf(record, replayRecord(record, { policies, settings, sha256 })));
  const shown = switchFlag(flags, 'changed') ? replayed.filter(isChanged) : replayed;
  environment.stdout.write(format === undefined ? replayText(shown) : await formatObject(shown, format));
  environment.stderr.write(`${summary(replayed)}\n`);
  if (replayed.some(({ replay }) => replay.kind === 'noLongerApproved')) throw new CommandExit(1);
}

async function policiesOfFiles(
  files: readonly string[],
  parts: PolicyParts,
  engine: ExpressionEngine,
  { cwd }: Environment,
): Promise<readonly CompiledPolicy[]> {
  const { policies, problems } = await parts.examine(files, cwd, engine);
  if (problems.length > 0) {
    throw new CountersignError('CONFIG_INVALID', `Cannot use policies: ${problems.map(problemLine).join('; ')}`);
  }
  return policies.map(({ compiled }) => compiled);
}

interface ReadWorld {
  readonly engine: ExpressionEngine;
  readonly own: readonly CompiledPolicy[];
  readonly environment: Environment;
}

/** Records and policies; no server is asked where both come from files. */
async function read(
  files: readonly string[],
  onlyFiles: boolean,
  command: Command,
  { engine, own, environment }: ReadWorld,
): Promise<{ readonly records: readonly CertificateRecord[]; readonly policies: PolicySet }> {
  const filed = (await Promise.all(files.map((file) => recordsOfFile(file, environment)))).flat();
  if (onlyFiles && files.length > 0) return { records: filed, policies: createPolicySet(own) };
  return withSession(environment, readGlobalFlags(command), async ({ client }) => {
    const served = onlyFiles ? [] : await policiesOfServer(client, engine, environment);
    const records = files.length > 0 ? filed : await recordsOfServer(client, environment);
    // Of two with one name the later counts.
    return { records, policies: createPolicySet([...served, ...own]) };
  });
}

async function policiesOfServer(
  client: Client,
  engine: ExpressionEngine,
  { signal }: Environment,
): Promise<readonly (CompiledPolicy | NotReadyPolicy)[]> {
  const { items } = await client.list(APPROVAL_POLICIES, { signal });
  return items.map((policy) => compileOrExplain(policy, engine));
}

async function recordsOfServer(client: Client, environment: Environment): Promise<readonly CertificateRecord[]> {
  const records: CertificateRecord[] = [];
  for await (const { items } of client.pages(CERTIFICATE_RECORDS, { signal: environment.signal })) {
    for (const item of items) records.push(...readable(item, environment));
  }
  return records;
}

/** A record that cannot be read says nothing, and that is told. */
function readable(value: unknown, { stderr }: Environment): readonly CertificateRecord[] {
  try {
    return [parseCertificateRecord(value)];
  } catch (error) {
    if (!(error instanceof CountersignError)) throw error;
    stderr.write(`Left out: ${printable(error.message)}\n`);
    return [];
  }
}

async function recordsOfFile(file: string, environment: Environment): Promise<readonly CertificateRecord[]> {
  const text = await readTextInput(file, environment);
  const { parseAllDocuments } = await import('yaml');
  return parseAllDocuments(text).flatMap((document) => {
    const [error] = document.errors;
    if (error !== undefined) throw usageError(`Cannot read ${shownInput(file)}: ${messageOf(error)}`);
    const value: unknown = document.toJS();
    if (value === null) return [];
    const items = isJsonObject(value) && Array.isArray(value['items']) ? value['items'] : [value];
    return items.flatMap((item: unknown) => readable(item, environment));
  });
}

function replayedOf({ metadata, spec }: CertificateRecord, replay: Replay): Replayed {
  const { request, requester, decision } = spec;
  return {
    record: metadata.name ?? '',
    request: request.name,
    requester: requester.username,
    was: decision.verdict,
    replay,
  };
}

function isChanged({ replay }: Replayed): boolean {
  return replay.kind !== 'same';
}

const WORDS: Readonly<Record<Replay['kind'], string>> = {
  same: 'the same',
  newlyApproved: 'would be approved now',
  noLongerApproved: 'would NO LONGER be approved',
  noLongerDenied: 'would wait now',
  cannotTell: 'cannot tell',
};

function replayText(replayed: readonly Replayed[]): string {
  if (replayed.length === 0) return '';
  const rows = replayed.map(({ request, requester, was, replay }) =>
    [request, requester, was, WORDS[replay.kind], isToldOf(replay) ? replay.message : ''].map(printable),
  );
  return formatTable(['REQUEST', 'REQUESTER', 'WAS', 'NOW', 'BECAUSE'], rows);
}

function isToldOf({ kind }: Replay): boolean {
  return kind !== 'same';
}

function summary(replayed: readonly Replayed[]): string {
  const count = (kind: Replay['kind']): number => replayed.filter(({ replay }) => replay.kind === kind).length;
  const kinds = ['same', 'newlyApproved', 'noLongerDenied', 'noLongerApproved', 'cannotTell'] as const;
  const counts = kinds.filter((kind) => count(kind) > 0).map((kind) => `${count(kind)} ${WORDS[kind]}`);
  return `${replayed.length} decisions: ${counts.length === 0 ? 'none on record' : counts.join(', ')}`;
}
