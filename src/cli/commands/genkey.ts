import type { Command } from 'commander';
import { subjectName } from '../../authority/subject-fields.js';
import { createCertificationRequest } from '../../crypto/certification-request.js';
import { generateKeyPair } from '../../crypto/generate-key-pair.js';
import { encodePem } from '../../x509/pem.js';
import { writeCfsslOutput } from '../cfssl-output.js';
import { parseCfsslRequest } from '../cfssl-request.js';
import type { Environment } from '../environment.js';
import { usageError } from '../failure.js';
import { rawFlags, switchFlag, textFlag } from '../flags.js';
import { readTextInput } from '../input.js';
import { traditionalKeyPem } from '../private-key-text.js';
import type { ConfigureCommand } from '../command-entry.js';

/** `genkey [FILE]`: what `cfssl genkey -` does. */
export const configureGenkey: ConfigureCommand = (command, environment) => {
  command
    .argument('[file]', "cfssl's CSR JSON; default: standard input", '-')
    .option('--bare <name>', 'write NAME.csr and NAME-key.pem instead of JSON')
    .option('--force', 'replace a key file that exists')
    .addHelpText(
      'after',
      '\nFor example:\n  echo \'{"CN": "web", "hosts": ["web.example.com"]}\' | countersign genkey --bare web',
    )
    .action((file: string) => run(file, command, environment));
};

async function run(file: string, command: Command, environment: Environment): Promise<void> {
  const flags = rawFlags(command);
  const wanted = parseCfsslRequest(await readTextInput(file, environment));
  if (wanted.ca !== undefined) throw usageError(`Cannot make a request for a CA: use '${environment.program} ca init'`);
  const subject = subjectName(wanted.subject);
  if (subject.length === 0 && wanted.hosts.length === 0) {
    throw usageError('Cannot make a request: it names nobody: give CN, names or hosts');
  }
  environment.stderr.write(`Generating key: ${wanted.key}\n`);
  const key = await generateKeyPair(wanted.key);
  const der = await createCertificationRequest(key, { subject, subjectAltNames: wanted.hosts });
  await writeCfsslOutput(
    { csr: encodePem('CERTIFICATE REQUEST', der), key: traditionalKeyPem(key) },
    { bare: textFlag(flags, 'bare'), force: switchFlag(flags, 'force') },
    environment,
  );
}
