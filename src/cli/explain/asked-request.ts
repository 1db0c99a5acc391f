import { decodeBase64, toBase64 } from '../../base/base64.js';
import { parseUtf8, utf8 } from '../../base/bytes.js';
import { requireLifetime } from '../../authority/lifetime.js';
import { type CertificateSigningRequest, CERTIFICATES_GROUP } from '../../certificates/certificate-signing-request.js';
import type { Requester } from '../../certificates/normalised-request.js';
import { validateSignerName } from '../../certificates/signer-name.js';
import { usageNamed } from '../../certificates/usages.js';
import { fieldErrorText } from '../../kube/field-error.js';
import { isRecord } from '../../client/api-failure.js';
import { encodePem, firstPemBlock } from '../../x509/pem.js';
import type { Environment } from '../environment.js';
import { usageError } from '../failure.js';
import { listFlag, type RawFlags, textFlag } from '../flags.js';
import { readInput, shownInput } from '../input.js';
import { DEFAULT_SIGNER } from '../request-plan.js';

/** Usages of a PEM request for which none are given: those of a server, or of a client where the signer says so. */
function usualUsages(signerName: string): readonly string[] {
  return ['digital signature', /client[^/]*$/.test(signerName) ? 'client auth' : 'server auth'];
}

/**
 * A request that was not submitted, as the server would hold it if `requester` did: from a PEM file, whose signer, usages
 * and lifetime come from flags, or from a CertificateSigningRequest in YAML or JSON, in which flags replace what is there.
 */
export async function readAskedRequest(
  path: string,
  flags: RawFlags,
  requester: Requester,
  environment: Environment,
): Promise<CertificateSigningRequest> {
  const bytes = await readInput(path, environment);
  const written = (await csrOf(bytes, path)) ?? { request: pemOf(bytes, path), name: '' };
  const signerName = textFlag(flags, 'signer') ?? written.signerName ?? DEFAULT_SIGNER;
  const [error] = validateSignerName(signerName, '--signer');
  if (error !== undefined) throw usageError(`Cannot use ${fieldErrorText(error)}`);
  const duration = textFlag(flags, 'duration');
  const expirationSeconds =
    duration === undefined ? written.expirationSeconds : requireLifetime(duration, '--duration');
  const { username, uid, groups, extra } = requester;
  return {
    apiVersion: `${CERTIFICATES_GROUP}/v1`,
    kind: 'CertificateSigningRequest',
    metadata: { name: written.name },
    spec: {
      request: written.request,
      signerName,
      usages: usagesOf(flags) ?? written.usages ?? usualUsages(signerName),
      ...(expirationSeconds === undefined ? {} : { expirationSeconds }),
      username,
      uid,
      groups,
      extra,
    },
    status: {},
  };
}

interface Written {
  readonly name: string;
  readonly request: string;
  readonly signerName?: string;
  readonly usages?: readonly string[];
  readonly expirationSeconds?: number;
}

function usagesOf(flags: RawFlags): readonly string[] | undefined {
  const given = listFlag(flags, 'usages');
  const unknown = given.find((usage) => usageNamed(usage) === undefined);
  if (unknown !== undefined) {
    throw usageError(`Cannot use --usages: ${JSON.stringify(unknown)} is no known usage, such as "server auth"`);
  }
  return given.length === 0 ? undefined : given;
}

/** spec.request for a PKCS#10 in PEM or DER. */
function pemOf(bytes: Uint8Array, path: string): string {
  if (bytes[0] === 0x30) return toBase64(utf8(encodePem('CERTIFICATE REQUEST', bytes)));
  if (firstPemBlock(bytes) !== undefined) return toBase64(bytes);
  throw usageError(
    `Cannot read ${shownInput(path)}: it is neither a PEM request nor a CertificateSigningRequest in YAML or JSON`,
  );
}

/** A CertificateSigningRequest in YAML or JSON; undefined where the bytes are something else. */
async function csrOf(bytes: Uint8Array, path: string): Promise<Written | undefined> {
  const text = parseUtf8(bytes);
  if (text === undefined || !/(?:^|[\s{,"])kind["]?\s*:/.test(text)) return undefined;
  const { parse } = await import('yaml');
  let value: unknown;
  try {
    value = parse(text);
  } catch (error) {
    throw usageError(`Cannot read ${shownInput(path)}: ${error instanceof Error ? error.message : String(error)}`);
  }
  const refuse = (what: string): never => {
    throw usageError(`Cannot read ${shownInput(path)}: ${what}`);
  };
  if (!isRecord(value) || value['kind'] !== 'CertificateSigningRequest') {
    return refuse('it is no CertificateSigningRequest');
  }
  const { spec, metadata } = value;
  if (!isRecord(spec)) return refuse('spec is missing');
  const { request, signerName, usages, expirationSeconds } = spec;
  if (typeof request !== 'string' || decodeBase64(request).kind === 'invalid') {
    return refuse('spec.request is no base64');
  }
  const name = isRecord(metadata) ? metadata['name'] : undefined;
  return {
    name: typeof name === 'string' ? name : '',
    request,
    ...(typeof signerName === 'string' ? { signerName } : {}),
    ...(isTexts(usages) ? { usages } : {}),
    ...(typeof expirationSeconds === 'number' ? { expirationSeconds } : {}),
  };
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((entry) => typeof entry === 'string');
}
