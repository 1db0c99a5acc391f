import type { Command } from 'commander';
import { secondsOf, type UnixSeconds } from '../../base/clock.js';
import { describePublicKey } from '../../x509/public-key.js';
import { certificateFields } from '../certificate-fields.js';
import type { Environment } from '../environment.js';
import { CommandExit } from '../failure.js';
import { choiceFlag, rawFlags } from '../flags.js';
import { formatObject } from '../format-object.js';
import { inspectBytes, type Inspected, relations } from '../inspected.js';
import { inspectedJson } from '../inspected-json.js';
import { readInput } from '../input.js';
import { printable } from '../../base/printable.js';
import type { ConfigureCommand } from '../command-entry.js';
import { alternativeNameFields, requestFields, type ShownField, shownName } from '../request-fields.js';
import { formatFields } from '../text-table.js';

/** `inspect [FILE...]`: what is in certificates, requests, chains, keys and bundles. */
export const configureInspect: ConfigureCommand = (command, environment) => {
  command
    .argument('[file...]', 'PEM or DER; default: standard input')
    .option('-o, --output <format>', 'json or yaml')
    .action((files: readonly string[]) => run(files, command, environment));
};

async function run(files: readonly string[], command: Command, environment: Environment): Promise<void> {
  const format = choiceFlag(rawFlags(command), 'output', '--output', ['json', 'yaml']);
  const passphrase = environment.env['COUNTERSIGN_KEY_PASSPHRASE'];
  const items: Inspected[] = [];
  for (const file of files.length === 0 ? ['-'] : files) {
    items.push(...inspectBytes(await readInput(file, environment), passphrase));
  }
  if (format === undefined) {
    environment.stdout.write(inspectedText(items, secondsOf(environment.clock)));
  } else {
    environment.stdout.write(await formatObject(items.map(inspectedJson), format));
  }
  if (items.some((item) => item.kind === 'unreadable')) throw new CommandExit(1);
}

function inspectedText(items: readonly Inspected[], now: UnixSeconds): string {
  const sections = items.map((item, i) => {
    const heading = items.length === 1 ? '' : `[${i + 1}] `;
    return `${heading}${titleOf(item)}\n${formatFields(fieldsOf(item, now), '  ')}`;
  });
  const sentences = relations(items).map((sentence) => `${sentence}\n`);
  return sections.join('\n') + (sentences.length === 0 ? '' : `\n${sentences.join('')}`);
}

function titleOf(item: Inspected): string {
  switch (item.kind) {
    case 'certificate':
      return 'Certificate';
    case 'request':
      return 'Certificate request (PKCS#10)';
    case 'private key':
      return 'Private key';
    case 'encrypted key':
      return 'Private key, encrypted';
    case 'public key':
      return 'Public key';
    case 'unreadable':
      return `Unreadable ${printable(item.pemType)}`;
  }
}

function fieldsOf(item: Inspected, now: UnixSeconds): readonly ShownField[] {
  switch (item.kind) {
    case 'certificate':
      return certificateFields(item.certificate, now);
    case 'request':
      return [
        ['Subject', shownName(item.decoded.request.subject)],
        ...alternativeNameFields(item.decoded.request.subjectAltNames),
        ...requestFields(item.decoded.request, item.decoded.signatureProblem),
        ...item.decoded.findings.map(
          (finding) => ['Warning', `${finding.path}: ${printable(finding.detail)}`] as const,
        ),
      ];
    case 'private key':
      return [
        ['Key', describePublicKey(item.key.publicKey)],
        ['Form', item.pemType],
      ];
    case 'encrypted key':
      return [
        ['Form', item.pemType],
        ['To open it', 'set COUNTERSIGN_KEY_PASSPHRASE'],
      ];
    case 'public key':
      return [['Key', describePublicKey(item.publicKey)]];
    case 'unreadable':
      return [['Why', printable(item.detail)]];
  }
}
