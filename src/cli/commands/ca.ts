import type { Command } from 'commander';
import { createCa } from '../../authority/create-ca.js';
import { type CaMaterial, parseCaMaterial } from '../../authority/ca-material.js';
import { secondsOf, type UnixSeconds } from '../../base/clock.js';
import { usageError } from '../failure.js';
import { generateKeyPair } from '../../crypto/generate-key-pair.js';
import { writeCfsslOutput } from '../cfssl-output.js';
import { parseCfsslRequest } from '../cfssl-request.js';
import type { Environment } from '../environment.js';
import { type RawFlags, rawFlags, switchFlag, textFlag } from '../flags.js';
import { readTextInput } from '../input.js';
import { traditionalKeyPem } from '../private-key-text.js';
import type { ConfigureCommand } from '../command-entry.js';
import { shownTime } from '../shown-time.js';

/** `ca init [FILE]`: what `cfssl gencert -initca -` does. */
export const configureCa: ConfigureCommand = (command, environment) => {
  const init = command
    .command('init')
    .description("make a key and a CA certificate, self-signed or by a CA above, from cfssl's CSR JSON")
    .argument('[file]', "cfssl's CSR JSON; default: standard input", '-')
    .option(
      '--parent <file>',
      'the CA that signs it: its certificate, followed by those above it; default: it signs itself',
    )
    .option('--parent-key <file>', 'the private key of that CA; a passphrase comes from COUNTERSIGN_KEY_PASSPHRASE')
    .option('--bare <name>', 'write NAME.pem, NAME-key.pem and NAME.csr instead of JSON')
    .option('--force', 'replace a key file that exists')
    .addHelpText(
      'after',
      '\nFor example:\n  echo \'{"CN": "My Example Signer"}\' | countersign ca init --bare ca\n  echo \'{"CN": "Issuing CA"}\' | countersign ca init --parent ca.pem --parent-key ca-key.pem --bare issuing',
    )
    .showHelpAfterError(`See '${environment.program} ca init --help' for usage.`)
    .action((file: string) => run(file, init, environment));
};

async function run(file: string, command: Command, environment: Environment): Promise<void> {
  const flags = rawFlags(command);
  const wanted = parseCfsslRequest(await readTextInput(file, environment));
  const now = secondsOf(environment.clock);
  const parent = await readParent(flags, now, environment);
  environment.stderr.write(`Generating key: ${wanted.key}\n`);
  const key = await generateKeyPair(wanted.key);
  const made = await createCa({
    subject: wanted.subject,
    key,
    ...(wanted.ca?.lifetimeSeconds === undefined ? {} : { lifetimeSeconds: wanted.ca.lifetimeSeconds }),
    ...(wanted.ca?.pathLength === undefined ? {} : { pathLength: wanted.ca.pathLength }),
    ...(parent === undefined ? {} : { parent }),
    now,
    random: environment.random,
  });
  environment.stderr.write(`Made CA certificate, valid until ${shownTime(made.notAfter, now)}\n`);
  await writeCfsslOutput(
    { cert: made.certificatePem, csr: made.requestPem, key: traditionalKeyPem(key) },
    { bare: textFlag(flags, 'bare'), force: switchFlag(flags, 'force') },
    environment,
  );
}

/** The CA above; undefined where none is given. */
async function readParent(
  flags: RawFlags,
  now: UnixSeconds,
  environment: Environment,
): Promise<CaMaterial | undefined> {
  const certificates = textFlag(flags, 'parent');
  const key = textFlag(flags, 'parentKey');
  if (certificates === undefined && key === undefined) return undefined;
  if (certificates === undefined || key === undefined) {
    throw usageError('Cannot make an intermediate CA: give both --parent and --parent-key');
  }
  const passphrase = environment.env['COUNTERSIGN_KEY_PASSPHRASE'];
  return parseCaMaterial({
    certificatesPem: await readTextInput(certificates, environment),
    keyPem: await readTextInput(key, environment),
    ...(passphrase === undefined ? {} : { passphrase }),
    now,
  });
}
