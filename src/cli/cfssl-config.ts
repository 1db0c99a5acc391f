import { requireLifetime } from '../authority/lifetime.js';
import { CA_USAGES } from '../authority/usage-extensions.js';
import { usageNamed } from '../certificates/usages.js';
import { onlyKnown, parseJson, record, wrong } from './cfssl-request.js';

/** One profile of cfssl's signing configuration, checked. */
export interface CfsslProfile {
  readonly usages: readonly string[];
  readonly expirySeconds: number;
  readonly backdateSeconds: number;
}

type Fields = Readonly<Record<string, unknown>>;

const PROFILE: ReadonlySet<string> = new Set([
  'usages',
  'expiry',
  'backdate',
  'ca_constraint',
  'auth_key',
  'copy_extensions',
]);
const YEAR_SECONDS = 31_536_000;
const BACKDATE_SECONDS = 300;

/** What cfssl does without a configuration. */
export const DEFAULT_CFSSL_PROFILE: CfsslProfile = {
  usages: ['signing', 'key encipherment', 'server auth', 'client auth'],
  expirySeconds: YEAR_SECONDS,
  backdateSeconds: BACKDATE_SECONDS,
};

/**
 * Reads cfssl's signing configuration, `{"signing": {"default": {…}, "profiles": {NAME: {…}}}}`, also without the outer
 * `signing`, and picks a profile: the named one, else the default. Refuses (CONFIG_INVALID) a profile that is not there,
 * usages that are unknown or a CA's, `is_ca` and `copy_extensions`: nothing is signed here but leaves, and nothing is
 * copied into them.
 */
export function parseCfsslConfig(text: string, profileName: string | undefined): CfsslProfile {
  const document = record(parseJson(text), 'signing configuration');
  const signing = 'signing' in document ? record(document['signing'], 'signing') : document;
  onlyKnown(signing, new Set(['default', 'profiles']), 'signing.');
  const fallback = signing['default'] === undefined ? undefined : record(signing['default'], 'signing.default');
  const profiles = signing['profiles'] === undefined ? {} : record(signing['profiles'], 'signing.profiles');
  if (profileName === undefined || profileName === '' || profileName === 'default') {
    return readProfile(fallback ?? {}, 'signing.default', DEFAULT_CFSSL_PROFILE);
  }
  if (!Object.hasOwn(profiles, profileName)) {
    const known = Object.keys(profiles);
    throw wrong(
      'signing.profiles',
      `has no ${JSON.stringify(profileName)}, only ${known.length === 0 ? 'the default' : known.join(', ')}`,
    );
  }
  const path = `signing.profiles.${profileName}`;
  return readProfile(record(profiles[profileName], path), path, DEFAULT_CFSSL_PROFILE);
}

function readProfile(fields: Fields, path: string, fallback: CfsslProfile): CfsslProfile {
  onlyKnown(fields, PROFILE, `${path}.`);
  checkConstraint(fields['ca_constraint'], `${path}.ca_constraint`);
  const copied = fields['copy_extensions'];
  if (copied !== undefined && copied !== false) {
    throw wrong(`${path}.copy_extensions`, 'is set, but no extension is ever copied from a request');
  }
  return {
    usages: readUsages(fields['usages'], `${path}.usages`, fallback.usages),
    expirySeconds: readSpan(fields['expiry'], `${path}.expiry`, fallback.expirySeconds),
    backdateSeconds: readSpan(fields['backdate'], `${path}.backdate`, fallback.backdateSeconds),
  };
}

function checkConstraint(value: unknown, path: string): void {
  if (value === undefined) return;
  const fields = record(value, path);
  const isCa = fields['is_ca'];
  if (isCa !== undefined && isCa !== false) {
    throw wrong(`${path}.is_ca`, `is ${JSON.stringify(isCa)}, but only leaves are signed here, it must be false`);
  }
}

function readUsages(value: unknown, path: string, fallback: readonly string[]): readonly string[] {
  if (value === undefined) return fallback;
  if (!Array.isArray(value) || value.length === 0) throw wrong(path, 'is no list of usages');
  return value.map((usage: unknown, i) => {
    if (typeof usage !== 'string' || usageNamed(usage) === undefined) {
      throw wrong(`${path}[${i}]`, `${JSON.stringify(usage)} is no known usage`);
    }
    if (CA_USAGES.has(usage)) throw wrong(`${path}[${i}]`, `${JSON.stringify(usage)} is for a CA, no leaf may have it`);
    return usage;
  });
}

function readSpan(value: unknown, path: string, fallback: number): number {
  if (value === undefined || value === '') return fallback;
  if (typeof value !== 'string') throw wrong(path, `is ${JSON.stringify(value)}, it must be like "8760h"`);
  return requireLifetime(value, `cfssl JSON: ${path}`);
}
