import { validateSignerName } from '../certificates/signer-name.js';
import { usageNamed } from '../certificates/usages.js';
import { requireLifetime } from '../authority/lifetime.js';
import { KEY_SPECS, type KeySpec } from '../crypto/generate-key-pair.js';
import { fieldErrorText } from '../kube/field-error.js';
import { pathSegmentProblems } from '../kube/names.js';
import type { GeneralName } from '../x509/general-name.js';
import { ATTRIBUTE, type NameInput } from '../x509/name.js';
import { usageError } from './failure.js';
import { choiceFlag, listFlag, type RawFlags, textFlag } from './flags.js';
import { parseNameFlags } from './requested-names.js';

/** Everything a request asks for, checked. */
export interface RequestPlan {
  /** Name of the CertificateSigningRequest and of the files. */
  readonly name: string;
  readonly signerName: string;
  readonly usages: readonly string[];
  readonly expirationSeconds?: number;
  readonly subject: NameInput;
  readonly names: readonly GeneralName[];
  readonly keySpec: KeySpec;
}

/** Who signs when nobody says: the signer that `countersign up` runs. */
export const DEFAULT_SIGNER = 'countersign.dev/serving';

const MAX_COMMON_NAME = 64;
const MIN_SECONDS = 600;
const MAX_SECONDS = 2_147_483_647;

/** Reads NAME and the flags of `request`; each refusal names the flag, what it is and what it must be. */
export function parseRequestPlan(name: string, flags: RawFlags): RequestPlan {
  checkName(name);
  const signerName = readSigner(flags);
  const keySpec = choiceFlag<KeySpec>(flags, 'keyType', '--key-type', KEY_SPECS) ?? 'ecdsa-p256';
  const names = parseNameFlags({
    dns: listFlag(flags, 'dns'),
    ip: listFlag(flags, 'ip'),
    uri: listFlag(flags, 'uri'),
    email: listFlag(flags, 'email'),
  });
  const subject = readSubject(flags, names);
  if (subject.length === 0 && names.length === 0) {
    throw usageError('Cannot make a request: it names nobody: give --dns, --ip, --uri, --email or --cn');
  }
  const expirationSeconds = readDuration(flags);
  return {
    name,
    signerName,
    usages: readUsages(flags, signerName, keySpec),
    ...(expirationSeconds === undefined ? {} : { expirationSeconds }),
    subject,
    names,
    keySpec,
  };
}

function checkName(name: string): void {
  const [problem] = name === '' ? ['must not be empty'] : pathSegmentProblems(name);
  if (problem !== undefined) throw usageError(`Cannot use the name ${JSON.stringify(name)}: ${problem}`);
  // it becomes the name of files too
  if (name.startsWith('-') || /[\p{Cc}\\]/u.test(name) || name.length > 200) {
    throw usageError(`Cannot use the name ${JSON.stringify(name)}: it must be a file name of at most 200 characters`);
  }
}

function readSigner(flags: RawFlags): string {
  const signer = textFlag(flags, 'signer') ?? DEFAULT_SIGNER;
  const [error] = validateSignerName(signer, '--signer');
  if (error !== undefined) throw usageError(`Cannot use ${fieldErrorText(error)}`);
  return signer;
}

function readUsages(flags: RawFlags, signerName: string, keySpec: KeySpec): readonly string[] {
  const given = listFlag(flags, 'usages');
  if (given.length === 0) return defaultUsages(signerName, keySpec);
  for (const usage of given) {
    if (usageNamed(usage) === undefined) {
      throw usageError(`Cannot use --usages: ${JSON.stringify(usage)} is no known usage, such as "server auth"`);
    }
  }
  if (new Set(given).size !== given.length) throw usageError('Cannot use --usages: it names a usage twice');
  return given;
}

/** A signer's last word says what its certificates are for; key encipherment is something only RSA keys do. */
function defaultUsages(signerName: string, keySpec: KeySpec): readonly string[] {
  const purpose = /client[^/]*$/.test(signerName) ? 'client auth' : 'server auth';
  return ['digital signature', ...(keySpec.startsWith('rsa') ? ['key encipherment'] : []), purpose];
}

function readSubject(flags: RawFlags, names: readonly GeneralName[]): NameInput {
  const commonName = readCommonName(flags, names);
  const organizations = listFlag(flags, 'org');
  return [
    ...(organizations.length === 0 ? [] : [organizations.map((value) => ({ oid: ATTRIBUTE.organization, value }))]),
    ...(commonName === undefined ? [] : [[{ oid: ATTRIBUTE.commonName, value: commonName }]]),
  ];
}

/** `--cn`, else the first DNS name where it fits (RFC 5280 appendix A: at most 64 characters). */
function readCommonName(flags: RawFlags, names: readonly GeneralName[]): string | undefined {
  const given = textFlag(flags, 'cn');
  if (given === undefined) {
    const dns = names.find((name) => name.kind === 'dns');
    return dns !== undefined && dns.value.length <= MAX_COMMON_NAME ? dns.value : undefined;
  }
  if (given === '') return undefined;
  const length = Array.from(given).length;
  if (length > MAX_COMMON_NAME) {
    throw usageError(`Cannot use --cn: it has ${length} characters, at most ${MAX_COMMON_NAME}`);
  }
  if (/\p{Cc}/u.test(given)) throw usageError(`Cannot use --cn: ${JSON.stringify(given)} has control characters`);
  return given;
}

function readDuration(flags: RawFlags): number | undefined {
  const text = textFlag(flags, 'duration');
  if (text === undefined) return undefined;
  const seconds = requireLifetime(text, '--duration');
  if (seconds >= MIN_SECONDS && seconds <= MAX_SECONDS) return seconds;
  throw usageError(`Cannot use --duration: ${text} is ${seconds} s, it must be from 10m to ${MAX_SECONDS} s`);
}
