import { decodeBase64 } from '../../base/base64.js';
import { parseUtf8 } from '../../base/bytes.js';
import { secondsOf } from '../../base/clock.js';
import { CountersignError } from '../../base/error.js';
import type { CertificateSigningRequest } from '../../certificates/certificate-signing-request.js';
import { conditionText } from '../../certificates/conditions.js';
import { CERTIFICATE_SIGNING_REQUESTS } from '../../client/resources.js';
import { formatRequests } from '../print-requests.js';
import { outputFlag, rawFlags, readGlobalFlags, textFlag } from '../flags.js';
import type { ConfigureCommand } from '../command-entry.js';
import { withoutResourceWord } from '../request-arguments.js';
import { withSession } from '../session.js';

/** `get [NAME...]`: requests as a table; `-o wide` with key, subject, names and expiry read from the request. */
export const configureGet: ConfigureCommand = (command, environment) => {
  command
    .argument('[name...]', 'names of requests; without any, all of them')
    .option('-o, --output <format>', 'wide, json, yaml, name; for one: request or certificate, the PEM in it')
    .option('--signer <name>', 'only requests for this signer')
    .option('-l, --selector <selector>', 'only requests whose labels match')
    .action(async (args: readonly string[]) => {
      const flags = rawFlags(command);
      const part = pemPart(textFlag(flags, 'output'));
      const format = part === undefined ? outputFlag(flags) : 'json';
      const names = withoutResourceWord(args);
      const signer = textFlag(flags, 'signer');
      const selector = textFlag(flags, 'selector');
      const requests = await withSession(environment, readGlobalFlags(command), async ({ client }) => {
        const signal = environment.signal;
        if (names.length > 0) {
          return Promise.all(names.map((name) => client.get(CERTIFICATE_SIGNING_REQUESTS, name, { signal })));
        }
        const list = await client.list(CERTIFICATE_SIGNING_REQUESTS, {
          signal,
          ...(signer === undefined ? {} : { fieldSelector: `spec.signerName=${signer}` }),
          ...(selector === undefined ? {} : { labelSelector: selector }),
        });
        return list.items;
      });
      if (part !== undefined) {
        environment.stdout.write(requests.map((csr) => partText(csr, part)).join(''));
        return;
      }
      if (requests.length === 0 && (format === 'table' || format === 'wide')) {
        environment.stderr.write('No resources found\n');
        return;
      }
      const now = secondsOf(environment.clock);
      environment.stdout.write(await formatRequests(requests, format, { now, single: names.length === 1 }));
    });
};

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
