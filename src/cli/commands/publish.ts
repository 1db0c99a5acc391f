import type { Command } from 'commander';
import { toBase64 } from '../../base/base64.js';
import { equalBytes, utf8 } from '../../base/bytes.js';
import { CountersignError } from '../../base/error.js';
import type { CertificateSigningRequest } from '../../certificates/certificate-signing-request.js';
import { isApproved, isIssued } from '../../certificates/conditions.js';
import { CERTIFICATE_SIGNING_REQUESTS } from '../../client/resources.js';
import { encodePem } from '../../x509/pem.js';
import { decodeRequest } from '../decoded-request.js';
import type { Environment } from '../environment.js';
import { dryRunFlag, rawFlags, readGlobalFlags } from '../flags.js';
import { shownInput } from '../input.js';
import { QUALIFIED } from '../print-requests.js';
import type { ConfigureCommand } from '../command-entry.js';
import { readCertificates } from '../read-certificates.js';
import { withoutResourceWord } from '../request-arguments.js';
import { withSession } from '../session.js';

/** `publish NAME FILE`: the last step of a signer, by hand: status.certificate is written, once. */
export const configurePublish: ConfigureCommand = (command, environment) => {
  command
    .argument('<name>', 'name of the request')
    .argument('[file]', 'the certificate, maybe followed by intermediates; PEM or DER; default: standard input', '-')
    .option('--dry-run <strategy>', 'none, client (say what would be done) or server (let the server check)')
    .action((name: string, file: string) => run(name, file, command, environment));
};

async function run(argument: string, file: string, command: Command, environment: Environment): Promise<void> {
  const [name = ''] = withoutResourceWord([argument]);
  const dryRun = dryRunFlag(rawFlags(command));
  const certificates = await readCertificates(file, environment);
  const [leaf] = certificates;
  const pem = certificates.map((certificate) => encodePem('CERTIFICATE', certificate.der)).join('');
  await withSession(environment, readGlobalFlags(command), async ({ client }) => {
    const signal = environment.signal;
    const csr = await client.get(CERTIFICATE_SIGNING_REQUESTS, name, { signal });
    const problem = leaf === undefined ? 'it holds no certificate' : problemWith(csr, leaf.publicKey.der);
    if (problem !== undefined) {
      throw new CountersignError(
        'USAGE',
        `Cannot publish ${shownInput(file)} for request ${JSON.stringify(name)}: ${problem}`,
      );
    }
    const signed = { ...csr, status: { ...csr.status, certificate: toBase64(utf8(pem)) } };
    // with the resourceVersion that was read: somebody else's certificate, or a denial, in between makes it fail
    if (dryRun !== 'client') {
      await client.updateStatus(CERTIFICATE_SIGNING_REQUESTS, signed, { signal, dryRun: dryRun === 'server' });
    }
  });
  const suffix = dryRun === 'none' ? '' : dryRun === 'client' ? ' (dry run)' : ' (server dry run)';
  environment.stdout.write(`${QUALIFIED}/${name} issued${suffix}\n`);
}

/** Why a certificate with this key must not be published for a request; the API server checks none of it. */
function problemWith(csr: CertificateSigningRequest, publicKeyDer: Uint8Array): string | undefined {
  if (isIssued(csr)) return 'the request has a certificate already, which stays';
  if (!isApproved(csr)) return 'the request is not approved';
  const decoded = decodeRequest(csr);
  if (decoded.kind === 'unreadable') return `the request cannot be read: ${decoded.detail}`;
  return equalBytes(decoded.request.publicKey.der, publicKeyDer) ? undefined : 'it is for another key than the request';
}
