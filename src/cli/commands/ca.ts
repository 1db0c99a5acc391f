import type { Command } from 'commander';
import { createCa } from '../../authority/create-ca.js';
import { secondsOf } from '../../base/clock.js';
import { generateKeyPair } from '../../crypto/generate-key-pair.js';
import { writeCfsslOutput } from '../cfssl-output.js';
import { parseCfsslRequest } from '../cfssl-request.js';
import type { Environment } from '../environment.js';
import { rawFlags, switchFlag, textFlag } from '../flags.js';
import { readTextInput } from '../input.js';
import { traditionalKeyPem } from '../private-key-text.js';
import type { ConfigureCommand } from '../command-entry.js';
import { shownTime } from '../shown-time.js';

/** `ca init [FILE]`: what `cfssl gencert -initca -` does. */
export const configureCa: ConfigureCommand = (command, environment) => {
  const init = command
    .command('init')
    .description("make a key and a self-signed CA certificate from cfssl's CSR JSON")
    .argument('[file]', "cfssl's CSR JSON; default: standard input", '-')
    .option('--bare <name>', 'write NAME.pem, NAME-key.pem and NAME.csr instead of JSON')
    .option('--force', 'replace a key file that exists')
    .addHelpText('after', '\nFor example:\n  echo \'{"CN": "My Example Signer"}\' | countersign ca init --bare ca')
    .showHelpAfterError(`See '${environment.program} ca init --help' for usage.`)
    .action((file: string) => run(file, init, environment));
};

async function run(file: string, command: Command, environment: Environment): Promise<void> {
  const flags = rawFlags(command);
  const wanted = parseCfsslRequest(await readTextInput(file, environment));
  environment.stderr.write(`Generating key: ${wanted.key}\n`);
  const key = await generateKeyPair(wanted.key);
  const now = secondsOf(environment.clock);
  const made = await createCa({
    subject: wanted.subject,
    key,
    ...(wanted.ca?.lifetimeSeconds === undefined ? {} : { lifetimeSeconds: wanted.ca.lifetimeSeconds }),
    ...(wanted.ca?.pathLength === undefined ? {} : { pathLength: wanted.ca.pathLength }),
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
