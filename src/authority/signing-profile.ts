import { CountersignError } from '../base/error.js';
import { usageNamed } from '../certificates/usages.js';
import { type ProfileKey, PROFILE_KEYS } from './key-policy.js';
import { parseLifetime } from './lifetime.js';
import { CA_USAGES } from './usage-extensions.js';
import { type LifetimeRules, MIN_LIFETIME_SECONDS } from './validity.js';

/**
 * What a certificate looks like besides what was asked for. own: with a SubjectKeyIdentifier, an AuthorityKeyIdentifier
 * always, and the intermediates after it. kubernetes: to the letter what kube-controller-manager signs.
 */
export type CertificateForm = 'own' | 'kubernetes';

/** What a signer will put into a certificate. A CA certificate is in no profile. */
export interface SigningProfile extends LifetimeRules {
  readonly form: CertificateForm;
  /** Usages (certificates.k8s.io words) that may be asked for. */
  readonly usages: ReadonlySet<string>;
  /** Kinds of key that may be certified. */
  readonly keys: ReadonlySet<ProfileKey>;
}

const DEFAULT_USAGES = ['digital signature', 'key encipherment', 'server auth', 'client auth'];
const YEAR_SECONDS = 31_536_000;
const BACKDATE_SECONDS = 300;
const MAX_BACKDATE_SECONDS = 86_400;
const FIELDS: ReadonlySet<string> = new Set(['usages', 'default', 'max', 'backdate', 'keys']);

/**
 * Checks a signing profile once: `{usages?, default?, max?, backdate?, keys?}`: default and longest lifetime and backdate in Go's words
 * (`8760h`, also `90d`) or whole seconds. Left out: usages for serving and client certificates, one year, five minutes,
 * every key of PROFILE_KEYS. CONFIG_INVALID lists every field that is wrong, an unknown one too; no profile can allow a
 * CA certificate.
 */
export function parseSigningProfile(config: unknown): SigningProfile {
  const problems: string[] = [];
  const fields = isRecord(config) ? config : {};
  if (!isRecord(config)) problems.push('it is no object');
  for (const name of Object.keys(fields)) if (!FIELDS.has(name)) problems.push(`${name}: is no field of a profile`);
  const usages = readUsages(fields['usages'], problems);
  const maxSeconds = readSeconds(fields, 'max', YEAR_SECONDS, MIN_LIFETIME_SECONDS, Infinity, problems);
  const fallback = Math.min(YEAR_SECONDS, maxSeconds);
  const defaultSeconds = readSeconds(fields, 'default', fallback, MIN_LIFETIME_SECONDS, Infinity, problems);
  if (problems.length === 0 && defaultSeconds > maxSeconds) {
    problems.push(`default: is ${defaultSeconds} s, it must not be above max, ${maxSeconds} s`);
  }
  const backdateSeconds = readSeconds(fields, 'backdate', BACKDATE_SECONDS, 0, MAX_BACKDATE_SECONDS, problems);
  const keys = readKeys(fields['keys'], problems);
  if (problems.length > 0) {
    throw new CountersignError('CONFIG_INVALID', `Cannot read signing profile: ${problems.join('; ')}`);
  }
  return { form: 'own', usages, defaultSeconds, maxSeconds, backdateSeconds, keys };
}

function readUsages(value: unknown, problems: string[]): ReadonlySet<string> {
  if (value === undefined) return new Set(DEFAULT_USAGES);
  const usages = readStrings(value, 'usages', problems);
  for (const [i, usage] of usages.entries()) {
    if (CA_USAGES.has(usage)) problems.push(`usages[${i}]: ${JSON.stringify(usage)} is for a CA, no leaf may have it`);
    else if (usageNamed(usage) === undefined) problems.push(`usages[${i}]: ${JSON.stringify(usage)} is no known usage`);
  }
  return new Set(usages);
}

function readKeys(value: unknown, problems: string[]): ReadonlySet<ProfileKey> {
  if (value === undefined) return new Set(PROFILE_KEYS);
  const keys = new Set<ProfileKey>();
  for (const [i, text] of readStrings(value, 'keys', problems).entries()) {
    const key = PROFILE_KEYS.find((candidate) => candidate === text);
    if (key === undefined) {
      problems.push(`keys[${i}]: ${JSON.stringify(text)} is none of ${PROFILE_KEYS.join(', ')}`);
    } else {
      keys.add(key);
    }
  }
  return keys;
}

function readStrings(value: unknown, field: string, problems: string[]): readonly string[] {
  if (!Array.isArray(value) || value.length === 0 || !value.every((item) => typeof item === 'string')) {
    problems.push(`${field}: must be a non-empty list of strings`);
    return [];
  }
  if (new Set(value).size !== value.length) problems.push(`${field}: holds a value twice`);
  return value;
}

function readSeconds(
  fields: Readonly<Record<string, unknown>>,
  field: string,
  fallback: number,
  min: number,
  max: number,
  problems: string[],
): number {
  const value = fields[field];
  if (value === undefined) return fallback;
  const seconds = secondsFrom(value);
  if (seconds === undefined) {
    problems.push(`${field}: ${JSON.stringify(value)} is no duration, it must be like "24h", "90d" or whole seconds`);
    return fallback;
  }
  if (seconds < min || seconds > max) {
    const bounds = max === Infinity ? `at least ${min} s` : `from ${min} s to ${max} s`;
    problems.push(`${field}: is ${seconds} s, it must be ${bounds}`);
  }
  return seconds;
}

function secondsFrom(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) && value >= 0 ? value : undefined;
  if (typeof value !== 'string') return undefined;
  return value === '0' || value === '0s' ? 0 : parseLifetime(value);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
