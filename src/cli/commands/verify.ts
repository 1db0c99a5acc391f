import type { Command } from 'commander';
import { secondsOf, toUnixSeconds, type UnixSeconds } from '../../base/clock.js';
import { parseTime } from '../../kube/time.js';
import { verifySignature } from '../../crypto/verify-signature.js';
import type { Environment } from '../environment.js';
import { CommandExit, usageError } from '../failure.js';
import { choiceFlag, listFlag, rawFlags, repeatable, textFlag } from '../flags.js';
import { formatObject } from '../format-object.js';
import { readTextInput, shownInput } from '../input.js';
import type { ConfigureCommand } from '../command-entry.js';
import { readCertificates } from '../read-certificates.js';
import { readKey } from '../requester-key.js';
import { shownName } from '../request-fields.js';
import { shownTime } from '../shown-time.js';
import { judgeCertificate, type Judgement } from '../judge-certificate.js';

/** `verify CERT`: exit code 0 where everything holds, else 1 with every reason. */
export const configureVerify: ConfigureCommand = (command, environment) => {
  command
    .argument('<certificate>', 'leaf, maybe followed by intermediates; PEM or DER; - for standard input')
    .requiredOption('--ca <file>', 'roots to trust; may be repeated', repeatable)
    .option('--chain <file>', 'more intermediates; may be repeated', repeatable)
    .option('--hostname <name>', 'DNS name or IP address that a client will ask for')
    .option('--usage <usage>', 'such as "client auth"; default with --hostname: "server auth"')
    .option('--key <file>', 'private key that must belong to the certificate')
    .option('--at <time>', 'RFC 3339 time to judge at; default: now')
    .option('-o, --output <format>', 'json or yaml')
    .action((file: string) => run(file, command, environment));
};

async function run(file: string, command: Command, environment: Environment): Promise<void> {
  const flags = rawFlags(command);
  const format = choiceFlag(flags, 'output', '--output', ['json', 'yaml']);
  const now = readAt(textFlag(flags, 'at')) ?? secondsOf(environment.clock);
  const [leaf, ...others] = await readCertificates(file, environment);
  if (leaf === undefined) throw usageError(`Cannot verify ${shownInput(file)}: it holds no certificate`);
  const readAll = async (paths: readonly string[]): Promise<Awaited<ReturnType<typeof readCertificates>>> =>
    (await Promise.all(paths.map((path) => readCertificates(path, environment)))).flat();
  const keyPath = textFlag(flags, 'key');
  const hostname = textFlag(flags, 'hostname');
  const usage = textFlag(flags, 'usage');
  const key =
    keyPath === undefined ? undefined : readKey(await readTextInput(keyPath, environment), keyPath, environment);
  const judgement = judgeCertificate({
    leaf,
    intermediates: [...others, ...(await readAll(listFlag(flags, 'chain')))],
    roots: await readAll(listFlag(flags, 'ca')),
    now,
    ...(hostname === undefined ? {} : { hostname }),
    ...(usage === undefined ? {} : { usage }),
    ...(key === undefined ? {} : { publicKeyDer: key.publicKeyDer }),
    verifySignature,
  });
  await report(file, judgement, format, now, environment);
  if (judgement.reasons.length > 0) throw new CommandExit(1);
}

async function report(
  file: string,
  judgement: Judgement,
  format: 'json' | 'yaml' | undefined,
  now: UnixSeconds,
  environment: Environment,
): Promise<void> {
  const path = judgement.path.map((certificate) => shownName(certificate.subject));
  if (format !== undefined) {
    const value = { ok: judgement.reasons.length === 0, reasons: judgement.reasons, path };
    environment.stdout.write(await formatObject(value, format));
    return;
  }
  if (judgement.reasons.length > 0) {
    for (const reason of judgement.reasons) environment.stderr.write(`error: ${file}: ${reason}\n`);
    return;
  }
  environment.stdout.write(`${file}: OK\n`);
  for (const [depth, name] of path.entries()) environment.stdout.write(`${'  '.repeat(depth + 1)}${name}\n`);
  for (const line of judgement.checked) environment.stdout.write(`  ${line}\n`);
  environment.stdout.write(`  valid until ${shownTime(judgement.notAfter, now)}\n`);
}

function readAt(text: string | undefined): UnixSeconds | undefined {
  if (text === undefined) return undefined;
  const time = parseTime(text);
  if (time !== undefined) return toUnixSeconds(time);
  throw usageError(`Cannot use --at: ${JSON.stringify(text)} is no RFC 3339 time, such as 2026-11-23T16:58:39Z`);
}
