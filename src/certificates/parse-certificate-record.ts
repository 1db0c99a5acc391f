import { CountersignError } from '../base/error.js';
import { isJsonObject } from '../kube/decode-json.js';
import { COUNTERSIGN_GROUP, COUNTERSIGN_VERSION } from './approval-policy.js';
import { canonicalJson } from './canonical-record.js';
import type { CertificateRecord, CertificateRecordSpec } from './certificate-record.js';

/** What a value must be; an object lists its fields, those that may be absent with `?`. */
type Shape =
  | 'string'
  | 'integer'
  | { readonly oneOf: readonly string[] }
  | { readonly list: Shape }
  | { readonly map: Shape }
  | { readonly fields: Readonly<Record<string, Shape>> };

const STRINGS: Shape = { list: 'string' };

const EVIDENCE: Shape = {
  fields: { kind: 'string', 'namespace?': 'string', name: 'string', uid: 'string', resourceVersion: 'string' },
};

const SPEC: Shape = {
  fields: {
    request: {
      fields: {
        name: 'string',
        uid: 'string',
        signerName: 'string',
        request: 'string',
        requestDigest: 'string',
        publicKeyDigest: 'string',
        'usages?': STRINGS,
        'expirationSeconds?': 'integer',
        'creationTimestamp?': 'string',
      },
    },
    requester: {
      fields: {
        'username?': 'string',
        'uid?': 'string',
        'groups?': STRINGS,
        'extra?': { map: STRINGS },
        identity: {
          fields: {
            kind: { oneOf: ['Pod', 'ServiceAccount', 'Node', 'User'] },
            'namespace?': 'string',
            'serviceAccountName?': 'string',
            'podName?': 'string',
            'podUID?': 'string',
            'nodeName?': 'string',
          },
        },
      },
    },
    decision: {
      fields: {
        verdict: { oneOf: ['Approved', 'Denied'] },
        by: { oneOf: ['Policy', 'Other'] },
        'policy?': { fields: { name: 'string', 'uid?': 'string', 'generation?': 'integer' } },
        'reason?': 'string',
        'message?': 'string',
        decidedAt: 'string',
      },
    },
    'names?': {
      list: {
        fields: {
          type: 'string',
          'value?': 'string',
          'grantedBy?': 'string',
          'because?': 'string',
          'evidence?': { list: EVIDENCE },
        },
      },
    },
    'facts?': 'string',
    signature: { fields: { keyID: 'string', value: 'string' } },
  },
};

const STATUS: Shape = {
  fields: {
    'issuance?': {
      fields: {
        phase: { oneOf: ['Intended', 'Issued', 'Failed', 'Lost'] },
        'serialNumber?': 'string',
        'fingerprint?': 'string',
        'notBefore?': 'string',
        'notAfter?': 'string',
        'message?': 'string',
      },
    },
  },
};

/**
 * A record from parsed JSON or YAML, and from servers whose schema may say less than ours. OBJECT_MALFORMED with the
 * place: another kind, a field that is missing, of another type, or unknown: what nobody reads must not look signed.
 * Its spec is read from the very text that a signature covers, so that nothing else can reach whoever trusts it.
 */
export function parseCertificateRecord(value: unknown): CertificateRecord {
  if (!isJsonObject(value)) throw malformed('it is no object');
  const { apiVersion, kind, metadata } = value;
  if (apiVersion !== undefined && apiVersion !== `${COUNTERSIGN_GROUP}/${COUNTERSIGN_VERSION}`) {
    throw malformed(`apiVersion: it is ${shown(apiVersion)}`);
  }
  if (kind !== undefined && kind !== 'CertificateRecord') throw malformed(`kind: it is ${shown(kind)}`);
  if (!isJsonObject(metadata) || typeof metadata['name'] !== 'string') throw malformed('metadata.name: it is missing');
  const spec = asSigned(value['spec']);
  check(spec, SPEC, 'spec');
  const status = asSigned(value['status'] ?? {});
  check(status, STATUS, 'status');
  // The shapes above are those of the types, but for what may be absent, which is filled in here.
  const record = { ...value, spec, status } as unknown as CertificateRecord;
  return { ...record, spec: withEmptyValues(record.spec) };
}

/** The value without what counts as absent. */
function asSigned(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(canonicalJson(value));
}

/** The spec with the empty texts and lists that its type promises. */
function withEmptyValues(spec: CertificateRecordSpec): CertificateRecordSpec {
  const { usages = [] } = absent(spec.request);
  const { username = '' } = absent(spec.requester);
  const { reason = '', message = '' } = absent(spec.decision);
  const { names = [] } = absent(spec);
  return {
    ...spec,
    request: { ...spec.request, usages },
    requester: { ...spec.requester, username },
    decision: { ...spec.decision, reason, message, ...filledPolicy(spec.decision.policy) },
    names: names.map((name) => {
      const { value = '', because = '' } = absent(name);
      return { ...name, value, because };
    }),
  };
}

function filledPolicy(
  policy: CertificateRecordSpec['decision']['policy'],
): Pick<CertificateRecordSpec['decision'], 'policy'> {
  if (policy === undefined) return {};
  const { uid = '', generation = 0 } = absent(policy);
  return { policy: { name: policy.name, uid, generation } };
}

/** Any field may have been left out. */
function absent<T extends object>(value: T): Partial<T> {
  return value;
}

function check(value: unknown, shape: Shape, path: string): void {
  if (shape === 'string' || shape === 'integer') {
    const fits = shape === 'string' ? typeof value === 'string' : Number.isSafeInteger(value);
    if (!fits) throw malformed(`${path}: it is ${shown(value)}, and must be ${WORDS[shape]}`);
  } else if ('list' in shape) {
    if (!Array.isArray(value)) throw malformed(`${path}: it is ${shown(value)}, and must be a list`);
    for (const [i, entry] of value.entries()) check(entry, shape.list, `${path}[${i}]`);
  } else if ('map' in shape) {
    if (!isJsonObject(value)) throw malformed(`${path}: it is ${shown(value)}, and must be an object`);
    for (const [name, entry] of Object.entries(value)) check(entry, shape.map, `${path}[${JSON.stringify(name)}]`);
  } else if ('fields' in shape) {
    checkFields(value, shape.fields, path);
  } else if (typeof value !== 'string' || !shape.oneOf.includes(value)) {
    throw malformed(`${path}: it is ${shown(value)}, and must be one of ${shape.oneOf.join(', ')}`);
  }
}

const WORDS = { string: 'text', integer: 'an integer' } as const;

function checkFields(value: unknown, fields: Readonly<Record<string, Shape>>, path: string): void {
  if (!isJsonObject(value)) throw malformed(`${path}: it is ${shown(value)}, and must be an object`);
  for (const [key, shape] of Object.entries(fields)) {
    const optional = key.endsWith('?');
    const name = optional ? key.slice(0, -1) : key;
    if (Object.hasOwn(value, name)) check(value[name], shape, `${path}.${name}`);
    else if (!optional) throw malformed(`${path}.${name}: it is missing`);
  }
  for (const name of Object.keys(value)) {
    const known = Object.hasOwn(fields, name) || Object.hasOwn(fields, `${name}?`);
    if (!known) throw malformed(`${path}: it has a field ${shown(name)} that records do not have`);
  }
}

/** A value for a message: short, and never a whole object. */
function shown(value: unknown): string {
  if (value === undefined) return 'missing';
  if (typeof value === 'object') return Array.isArray(value) ? 'a list' : 'an object';
  const text = JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}

function malformed(what: string): CountersignError<'OBJECT_MALFORMED'> {
  return new CountersignError('OBJECT_MALFORMED', `Cannot read CertificateRecord: ${what}`);
}
