import type { Command } from 'commander';
import { parseCaMaterial } from '../../authority/ca-material.js';
import { createCertificateAuthority } from '../../authority/certificate-authority.js';
import { formatLifetime } from '../../authority/lifetime.js';
import { parseSigningProfile } from '../../authority/signing-profile.js';
import { secondsOf } from '../../base/clock.js';
import { CountersignError } from '../../base/error.js';
import { verifyCertificationRequest } from '../../crypto/certification-request.js';
import { parseApiRequest } from '../../x509/api-request.js';
import { type CertificationRequest, parseCertificationRequest } from '../../x509/certification-request.js';
import { DEFAULT_CFSSL_PROFILE, parseCfsslConfig, type CfsslProfile } from '../cfssl-config.js';
import { writeCfsslOutput } from '../cfssl-output.js';
import type { Environment } from '../environment.js';
import { usageError } from '../failure.js';
import { rawFlags, type RawFlags, textFlag } from '../flags.js';
import { readInput, readTextInput, shownInput } from '../input.js';
import type { ConfigureCommand } from '../command-entry.js';
import { nameOfHost } from '../requested-names.js';
import { shownTime } from '../shown-time.js';

/** `sign [CSR]`: what `cfssl sign` does, for leaves. */
export const configureSign: ConfigureCommand = (command, environment) => {
  command
    .argument('[csr]', 'PKCS#10 request, PEM or DER; default: standard input', '-')
    .requiredOption('--ca <file>', 'CA certificate, followed by those above it where it is an intermediate')
    .requiredOption('--ca-key <file>', 'its private key; a passphrase comes from COUNTERSIGN_KEY_PASSPHRASE')
    .option('--config <file>', "cfssl's signing configuration")
    .option('--profile <name>', 'profile of the configuration; default: its default')
    .option('--hostname <names>', 'names to sign instead of those of the request, between commas')
    .option('--bare <name>', 'write NAME.pem instead of JSON')
    .action((file: string) => run(file, command, environment));
};

async function run(file: string, command: Command, environment: Environment): Promise<void> {
  const flags = rawFlags(command);
  const profile = await readProfile(flags, environment);
  const now = secondsOf(environment.clock);
  const passphrase = environment.env['COUNTERSIGN_KEY_PASSPHRASE'];
  const material = parseCaMaterial({
    certificatesPem: await readTextInput(textFlag(flags, 'ca') ?? '', environment),
    keyPem: await readTextInput(textFlag(flags, 'caKey') ?? '', environment),
    ...(passphrase === undefined ? {} : { passphrase }),
    now,
  });
  const request = withHostnames(await readRequest(file, environment), textFlag(flags, 'hostname'));
  const authority = createCertificateAuthority(
    material,
    parseSigningProfile({
      usages: profile.usages,
      default: profile.expirySeconds,
      max: profile.expirySeconds,
      backdate: profile.backdateSeconds,
    }),
    environment,
  );
  const outcome = await authority.issue({ request, usages: profile.usages, signal: environment.signal });
  switch (outcome.kind) {
    case 'issued': {
      environment.stderr.write(
        `Signed certificate with serial number ${outcome.serialNumberHex}, valid until ${shownTime(outcome.notAfter, now)}\n`,
      );
      if (now + profile.expirySeconds > outcome.notAfter + profile.backdateSeconds) {
        environment.stderr.write(
          `The profile says ${formatLifetime(profile.expirySeconds)}, but a certificate is of no use after its CA: it ends with it\n`,
        );
      }
      await writeCfsslOutput(
        { cert: outcome.certificatePem },
        { bare: textFlag(flags, 'bare'), force: true },
        environment,
      );
      return;
    }
    case 'refused':
      throw new CountersignError(
        'ISSUANCE_REFUSED',
        `Cannot sign ${shownInput(file)}: ${outcome.reason}: ${outcome.message}`,
      );
    case 'unavailable':
      throw new CountersignError('CA_INVALID', `Cannot sign ${shownInput(file)}: ${outcome.message}`);
  }
}

async function readProfile(flags: RawFlags, environment: Environment): Promise<CfsslProfile> {
  const config = textFlag(flags, 'config');
  const profile = textFlag(flags, 'profile');
  if (config !== undefined) return parseCfsslConfig(await readTextInput(config, environment), profile);
  if (profile !== undefined) throw usageError('Cannot use --profile without --config');
  return DEFAULT_CFSSL_PROFILE;
}

async function readRequest(file: string, environment: Environment): Promise<CertificationRequest> {
  const bytes = await readInput(file, environment);
  const request = bytes[0] === 0x30 ? parseCertificationRequest(bytes) : parseApiRequest(bytes);
  const verdict = verifyCertificationRequest(request);
  if (verdict.kind === 'valid') return request;
  throw new CountersignError('REQUEST_SIGNATURE_INVALID', `Cannot sign ${shownInput(file)}: ${verdict.detail}`);
}

function withHostnames(request: CertificationRequest, hostnames: string | undefined): CertificationRequest {
  if (hostnames === undefined) return request;
  const hosts = hostnames.split(',').map((host) => host.trim());
  return { ...request, subjectAltNames: hosts.filter((host) => host !== '').map(nameOfHost) };
}
