import { CountersignError } from '../base/error.js';
import { isJsonObject } from '../kube/decode-json.js';
import { shapeProblem, shownValue, type JsonShape } from '../kube/json-shape.js';
import { COUNTERSIGN_GROUP, COUNTERSIGN_VERSION } from './approval-policy.js';
import { canonicalJson } from './canonical-record.js';
import type { CertificateRecord, CertificateRecordSpec } from './certificate-record.js';

const STRINGS: JsonShape = { list: 'string' };

const EVIDENCE: JsonShape = {
  fields: { kind: 'string', 'namespace?': 'string', name: 'string', uid: 'string', resourceVersion: 'string' },
};

const SPEC: JsonShape = {
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

const STATUS: JsonShape = {
  fields: {
    'issuance?': {
      fields: {
        phase: { oneOf: ['Intended', 'Issued', 'Failed', 'Denied', 'Lost'] },
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
    throw malformed(`apiVersion: it is ${shownValue(apiVersion)}`);
  }
  if (kind !== undefined && kind !== 'CertificateRecord') throw malformed(`kind: it is ${shownValue(kind)}`);
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

function check(value: unknown, shape: JsonShape, path: string): void {
  const problem = shapeProblem(value, shape, path);
  if (problem !== undefined) throw malformed(problem);
}

function malformed(what: string): CountersignError<'OBJECT_MALFORMED'> {
  return new CountersignError('OBJECT_MALFORMED', `Cannot read CertificateRecord: ${what}`);
}
