import type { Command } from 'commander';
import { secondsOf } from '../../base/clock.js';
import { CERTIFICATE_SIGNING_REQUESTS } from '../../client/resources.js';
import type { Environment } from '../environment.js';
import { readAskedRequest } from '../explain/asked-request.js';
import { readAssumedRequester } from '../explain/assumed-requester.js';
import { createCarefulReader } from '../explain/careful-reader.js';
import { explainRequest, type ExplainInput, type ExplainParts } from '../explain/explain-request.js';
import { styleFor } from '../explain/marks.js';
import { explanationPage } from '../explain/page.js';
import { usageError } from '../failure.js';
import { choiceFlag, type RawFlags, rawFlags, readGlobalFlags, repeatable, textFlag } from '../flags.js';
import { formatObject } from '../format-object.js';
import { withoutResourceWord } from '../request-arguments.js';
import { type Session, withSession } from '../session.js';

/** `explain NAME` or `explain -f FILE`: one page about one request. `parts` are what it needs from above. */
export function configureExplain(command: Command, parts: ExplainParts, environment: Environment): void {
  command
    .argument('[name...]', 'name of a request')
    .option('-f, --filename <file>', 'a request that was not submitted: PKCS#10, or a CertificateSigningRequest')
    .option('--as <user>', 'who would submit it, such as system:serviceaccount:shop:web; default: you')
    .option('--as-group <group>', 'a group of that user; may be repeated', repeatable)
    .option('--pod <name>', 'the pod to whose token the requester is bound, such as shop/web-7f')
    .option('--signer <name>', 'with -f: who shall sign')
    .option('--usages <list>', 'with -f: usages, such as "digital signature,server auth"', repeatable)
    .option('--duration <time>', 'with -f: lifetime, such as 24h')
    .option('-o, --output <format>', 'json or yaml')
    .action((args: readonly string[]) => run(args, command, parts, environment));
}

const ONLY_WITH_FILE = ['as', 'asGroup', 'pod', 'signer', 'usages', 'duration'] as const;

async function run(
  args: readonly string[],
  command: Command,
  parts: ExplainParts,
  environment: Environment,
): Promise<void> {
  const flags = rawFlags(command);
  const file = textFlag(flags, 'filename');
  const names = withoutResourceWord(args);
  if (names.length + (file === undefined ? 0 : 1) !== 1) {
    throw usageError('Cannot explain: name one request, or give one with -f');
  }
  const format = choiceFlag(flags, 'output', '--output', ['json', 'yaml']);
  const stray = file === undefined ? ONLY_WITH_FILE.find((flag) => flags[flag] !== undefined) : undefined;
  if (stray !== undefined) throw usageError(`Cannot use --${stray === 'asGroup' ? 'as-group' : stray} without -f`);
  await withSession(environment, readGlobalFlags(command), async (session) => {
    const reader = createCarefulReader(session.client, environment.signal);
    const { namespace } = session;
    const csr = await requestOf(names[0], file, flags, session, environment);
    const settings = parts.settingsOf(flags);
    const input: ExplainInput = {
      csr,
      isSubmitted: file === undefined,
      reader,
      settings,
      namespace,
      parts,
      environment,
    };
    const explained = await explainRequest(input);
    environment.stdout.write(
      format === undefined
        ? explanationPage(explained, styleFor(environment), secondsOf(environment.clock))
        : await formatObject(explained, format),
    );
  });
}

async function requestOf(
  name: string | undefined,
  file: string | undefined,
  flags: RawFlags,
  { client, namespace }: Session,
  environment: Environment,
): Promise<ExplainInput['csr']> {
  const { signal } = environment;
  if (file === undefined) return client.get(CERTIFICATE_SIGNING_REQUESTS, name ?? '', { signal });
  return readAskedRequest(file, flags, await readAssumedRequester(flags, { client, namespace, signal }), environment);
}
