import type { Command } from 'commander';
import { secondsOf } from '../../base/clock.js';
import { recordName } from '../../certificates/canonical-record.js';
import { CERTIFICATE_RECORDS } from '../../client/resources.js';
import type { SubjectPublicKeyInfo } from '../../x509/public-key.js';
import type { ConfigureCommand } from '../command-entry.js';
import type { Environment } from '../environment.js';
import { CommandExit } from '../failure.js';
import { choiceFlag, listFlag, rawFlags, readGlobalFlags, repeatable } from '../flags.js';
import { formatObject } from '../format-object.js';
import { judgeRecord, type RecordJudgement } from '../judge-record.js';
import { printable } from '../../base/printable.js';
import { recordFields } from '../record-fields.js';
import {
  isFileArgument,
  readPublishedKeys,
  readRecordFile,
  readTrustFiles,
  type RecordInput,
} from '../record-inputs.js';
import { withSession } from '../session.js';
import { formatFields } from '../text-table.js';

/** `verify-record FILE|NAME`: what a record shows and whether it is genuine; exit code 1 where it is not. */
export const configureVerifyRecord: ConfigureCommand = (command, environment) => {
  command
    .argument('<record>', 'YAML or JSON file, - for standard input, or the name of a record: the uid of its request')
    .option(
      '--trust <file>',
      'public keys of approvers, PEM, repeatable; default: those that the cluster publishes',
      repeatable,
    )
    .option('-o, --output <format>', 'json or yaml')
    .action((record: string) => run(record, command, environment));
};

async function run(argument: string, command: Command, environment: Environment): Promise<void> {
  const flags = rawFlags(command);
  const format = choiceFlag(flags, 'output', '--output', ['json', 'yaml']);
  const trust = listFlag(flags, 'trust');
  const file = (await isFileArgument(argument, environment)) ? await readRecordFile(argument, environment) : undefined;
  const trusted = trust.length === 0 ? undefined : await readTrustFiles(trust, environment);
  const { inputs, keys } =
    file !== undefined && trusted !== undefined
      ? { inputs: file, keys: trusted }
      : await readFromServer(argument, file, trusted, command, environment);
  const judged = await Promise.all(
    inputs.map(async ({ shown, value }) => ({ shown, judgement: await judgeRecord(value, keys) })),
  );
  await report(judged, format, environment);
  if (judged.some(({ judgement }) => judgement.kind === 'false')) throw new CommandExit(1);
}

/** What is not in files: the record, the keys, or both. */
async function readFromServer(
  argument: string,
  file: readonly RecordInput[] | undefined,
  trusted: readonly SubjectPublicKeyInfo[] | undefined,
  command: Command,
  environment: Environment,
): Promise<{ readonly inputs: readonly RecordInput[]; readonly keys: readonly SubjectPublicKeyInfo[] }> {
  const { signal } = environment;
  return withSession(environment, readGlobalFlags(command), async ({ client }) => ({
    keys: trusted ?? (await readPublishedKeys(client, signal)),
    inputs: file ?? [
      { shown: argument, value: await client.get(CERTIFICATE_RECORDS, recordName(argument), { signal }) },
    ],
  }));
}

interface Judged {
  readonly shown: string;
  readonly judgement: RecordJudgement;
}

async function report(
  judged: readonly Judged[],
  format: 'json' | 'yaml' | undefined,
  environment: Environment,
): Promise<void> {
  if (format !== undefined) {
    const values = judged.map(({ shown, judgement }) =>
      judgement.kind === 'genuine'
        ? { input: shown, genuine: true, record: judgement.record }
        : { input: shown, genuine: false, reason: judgement.reason },
    );
    environment.stdout.write(await formatObject(values.length === 1 ? values[0] : values, format));
    return;
  }
  const now = secondsOf(environment.clock);
  for (const { shown, judgement } of judged) {
    if (judgement.kind === 'genuine') {
      environment.stdout.write(
        `${printable(shown)}: genuine\n${formatFields(recordFields(judgement.record, now), '  ')}`,
      );
    } else {
      environment.stderr.write(`error: ${printable(shown)}: not genuine: ${printable(judgement.reason)}\n`);
    }
  }
}
