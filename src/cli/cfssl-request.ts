import type { SubjectFields } from '../authority/subject-fields.js';
import { requireLifetime } from '../authority/lifetime.js';
import { CountersignError, messageOf } from '../base/error.js';
import type { KeySpec } from '../crypto/generate-key-pair.js';
import type { GeneralName } from '../x509/general-name.js';
import { nameOfHost } from './requested-names.js';

/** cfssl's CSR JSON, checked. */
export interface CfsslRequest {
  readonly subject: SubjectFields;
  readonly hosts: readonly GeneralName[];
  readonly key: KeySpec;
  /** What `"ca"` says. */
  readonly ca?: CfsslCa;
}

/** The `"ca"` object: what a CA certificate made of this request shall be. */
export interface CfsslCa {
  readonly lifetimeSeconds?: number;
  /** CA certificates allowed below. */
  readonly pathLength?: number;
}

type Fields = Readonly<Record<string, unknown>>;

const TOP: ReadonlySet<string> = new Set(['CN', 'names', 'hosts', 'key', 'ca', 'serialnumber']);
const SUBJECT: ReadonlySet<string> = new Set(['C', 'ST', 'L', 'O', 'OU', 'SerialNumber']);
const KEYS: Readonly<Record<string, readonly (readonly [size: number, spec: KeySpec])[]>> = {
  ecdsa: [
    [256, 'ecdsa-p256'],
    [384, 'ecdsa-p384'],
    [521, 'ecdsa-p521'],
  ],
  rsa: [
    [2048, 'rsa-2048'],
    [3072, 'rsa-3072'],
    [4096, 'rsa-4096'],
  ],
};

/**
 * Reads cfssl's CSR JSON: `CN`, `hosts`, `key` (default ecdsa 256), `names` (C, ST, L, O, OU), `serialnumber`, `ca`
 * (`expiry`, `pathlen`, `pathlenzero`). CONFIG_INVALID names the field that is wrong; a field nobody knows is refused,
 * because it would be lost without a word.
 */
export function parseCfsslRequest(text: string): CfsslRequest {
  const fields = record(parseJson(text), 'CSR JSON');
  onlyKnown(fields, TOP, '');
  const ca = fields['ca'] === undefined ? undefined : readCa(record(fields['ca'], 'ca'));
  return {
    subject: readSubject(fields),
    hosts: strings(fields, 'hosts', 'hosts').map((host, i) => readHost(host, i)),
    key: readKey(fields['key']),
    ...(ca === undefined ? {} : { ca }),
  };
}

/** JSON of an input; the message says where it stops being JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new CountersignError('CONFIG_INVALID', `Cannot read JSON: ${messageOf(error)}`, { cause: error });
  }
}

function readSubject(fields: Fields): SubjectFields {
  const collected: Record<string, string[]> = { C: [], ST: [], L: [], O: [], OU: [] };
  let serialNumber = optionalText(fields, 'serialnumber', 'serialnumber');
  const names = fields['names'] ?? [];
  if (!Array.isArray(names)) throw wrong('names', 'is no list');
  for (const [i, entry] of names.entries()) {
    const name = record(entry, `names[${i}]`);
    onlyKnown(name, SUBJECT, `names[${i}].`);
    for (const [attribute, values] of Object.entries(collected)) {
      const value = optionalText(name, attribute, `names[${i}].${attribute}`);
      if (value !== undefined) values.push(value);
    }
    serialNumber = optionalText(name, 'SerialNumber', `names[${i}].SerialNumber`) ?? serialNumber;
  }
  const commonName = optionalText(fields, 'CN', 'CN');
  return {
    countries: collected['C'] ?? [],
    provinces: collected['ST'] ?? [],
    localities: collected['L'] ?? [],
    organizations: collected['O'] ?? [],
    organizationalUnits: collected['OU'] ?? [],
    ...(commonName === undefined ? {} : { commonName }),
    ...(serialNumber === undefined ? {} : { serialNumber }),
  };
}

function readHost(host: string, index: number): GeneralName {
  try {
    return nameOfHost(host);
  } catch (error) {
    throw wrong(`hosts[${index}]`, messageOf(error).replace(/^Cannot use --\w+: /, ''));
  }
}

function readKey(value: unknown): KeySpec {
  if (value === undefined) return 'ecdsa-p256';
  const fields = record(value, 'key');
  onlyKnown(fields, new Set(['algo', 'size']), 'key.');
  const algo = fields['algo'] ?? 'ecdsa';
  const size = fields['size'];
  if (algo === 'ed25519') return 'ed25519';
  const sizes = typeof algo === 'string' && Object.hasOwn(KEYS, algo) ? KEYS[algo] : undefined;
  if (sizes === undefined) throw wrong('key.algo', `is ${JSON.stringify(algo)}, it must be ecdsa, rsa or ed25519`);
  const wanted = size ?? sizes[0]?.[0];
  const found = sizes.find(([candidate]) => candidate === wanted);
  if (found !== undefined) return found[1];
  const allowed = sizes.map(([candidate]) => candidate).join(', ');
  throw wrong('key.size', `is ${JSON.stringify(size)}, it must be one of ${allowed}`);
}

function readCa(fields: Fields): CfsslCa {
  onlyKnown(fields, new Set(['expiry', 'pathlen', 'pathlenzero', 'backdate']), 'ca.');
  const expiry = optionalText(fields, 'expiry', 'ca.expiry');
  const pathlen = fields['pathlen'] ?? 0;
  const zero = fields['pathlenzero'] ?? false;
  if (typeof pathlen !== 'number' || !Number.isInteger(pathlen) || pathlen < 0)
    throw wrong('ca.pathlen', 'is no whole number');
  if (typeof zero !== 'boolean') throw wrong('ca.pathlenzero', 'is neither true nor false');
  if (zero && pathlen !== 0) throw wrong('ca.pathlenzero', `is true, but pathlen is ${pathlen}`);
  return {
    ...(expiry === undefined ? {} : { lifetimeSeconds: requireLifetime(expiry, 'CSR JSON: ca.expiry') }),
    ...(pathlen > 0 || zero ? { pathLength: pathlen } : {}),
  };
}

function strings(fields: Fields, name: string, path: string): readonly string[] {
  const value = fields[name] ?? [];
  if (!Array.isArray(value)) throw wrong(path, 'is no list');
  return value.map((item: unknown, i) => {
    if (typeof item !== 'string') throw wrong(`${path}[${i}]`, 'is no text');
    return item;
  });
}

function optionalText(fields: Fields, name: string, path: string): string | undefined {
  const value = fields[name];
  if (value === undefined || value === '') return undefined;
  if (typeof value === 'string') return value;
  throw wrong(path, `is ${JSON.stringify(value)}, it must be text`);
}

/** An object of JSON; anything else is refused by its place. */
export function record(value: unknown, path: string): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrong(path, 'is no object');
  return { ...value };
}

/** Refuses fields that nothing would read. */
export function onlyKnown(fields: Fields, known: ReadonlySet<string>, prefix: string): void {
  for (const name of Object.keys(fields)) {
    if (!known.has(name)) throw wrong(`${prefix}${name}`, `is unknown, known are ${[...known].join(', ')}`);
  }
}

/** A refusal of cfssl input. */
export function wrong(path: string, what: string): CountersignError<'CONFIG_INVALID'> {
  return new CountersignError('CONFIG_INVALID', `Cannot read cfssl JSON: ${path}: ${what}`);
}
