import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fieldErrorText } from '../kube/field-error.js';
import { parseApiRequest } from '../x509/api-request.js';
import { utf8 } from '../base/bytes.js';
import type {
  CertificateSigningRequest,
  CertificateSigningRequestCondition,
  CertificateSigningRequestSpec,
  CertificateSigningRequestStatus,
} from './certificate-signing-request.js';
import type { RequestVerifier } from './request-verifier.js';
import { CERTIFICATE_PEM, inBase64, REQUEST_PEM } from './testing/samples.js';
import { USAGE_NAMES } from './usages.js';
import {
  type UpdateRules,
  validateCertificateSigningRequest,
  validateCertificateSigningRequestUpdate,
} from './validate-certificate-signing-request.js';

const GOOD = inBase64(REQUEST_PEM);
const CERTIFICATE = inBase64(CERTIFICATE_PEM);
const OTHER_CERTIFICATE = inBase64(`${CERTIFICATE_PEM}\n`);

/** Knows one request; what makes a request good is tested where requests are read. */
const verifier: RequestVerifier = {
  verify: (text) =>
    Promise.resolve(
      text === GOOD
        ? { kind: 'valid', request: parseApiRequest(utf8(REQUEST_PEM)) }
        : { kind: 'invalid', detail: 'PEM block type must be CERTIFICATE REQUEST' },
    ),
};

function csr(
  spec: Partial<CertificateSigningRequestSpec> = {},
  status: CertificateSigningRequestStatus = {},
): CertificateSigningRequest {
  return {
    metadata: { name: 'x' },
    spec: { request: GOOD, signerName: 'example.com/serving', usages: ['server auth'], ...spec },
    status,
  };
}

function withTypes(...types: readonly string[]): CertificateSigningRequestStatus {
  return { conditions: types.map((type) => ({ type, status: 'True' })) };
}

function condition(type: string, status: string): CertificateSigningRequestCondition {
  return { type, status };
}

const SUPPORTED = USAGE_NAMES.map((name) => JSON.stringify(name)).join(', ');

const refused: readonly {
  readonly name: string;
  readonly csr: CertificateSigningRequest;
  readonly errors: readonly string[];
}[] = [
  {
    name: 'no request',
    csr: csr({ request: '' }),
    errors: ['spec.request: Invalid value: null: PEM block type must be CERTIFICATE REQUEST'],
  },
  {
    name: 'a request that is none',
    csr: csr({ request: 'aGVsbG8=' }),
    errors: ['spec.request: Invalid value: "aGVsbG8=": PEM block type must be CERTIFICATE REQUEST'],
  },
  { name: 'no usages', csr: csr({ usages: [] }), errors: ['spec.usages: Required value'] },
  {
    name: 'an unknown usage, twice',
    csr: csr({ usages: ['nope', 'nope'] }),
    errors: [
      `spec.usages[0]: Unsupported value: "nope": supported values: ${SUPPORTED}`,
      `spec.usages[1]: Unsupported value: "nope": supported values: ${SUPPORTED}`,
      'spec.usages[1]: Duplicate value: "nope"',
    ],
  },
  {
    name: 'the legacy signer',
    csr: csr({ signerName: 'kubernetes.io/legacy-unknown' }),
    errors: [
      'spec.signerName: Invalid value: "kubernetes.io/legacy-unknown": the legacy signerName is not allowed via this API version',
    ],
  },
  { name: 'no signer', csr: csr({ signerName: '' }), errors: ['spec.signerName: Required value'] },
  {
    name: 'a lifetime of 599 seconds',
    csr: csr({ expirationSeconds: 599 }),
    errors: [
      'spec.expirationSeconds: Invalid value: 599: may not specify a duration less than 600 seconds (10 minutes)',
    ],
  },
  {
    name: 'a condition without type and status',
    csr: csr({}, { conditions: [condition('', '')] }),
    errors: ['status.conditions[0].type: Required value', 'status.conditions[0].status: Required value'],
  },
  {
    name: 'a decision that is not True',
    csr: csr({}, { conditions: [condition('Failed', 'False'), condition('Other', 'Maybe')] }),
    errors: [
      'status.conditions[0].status: Unsupported value: "False": supported values: "True"',
      'status.conditions[1].status: Unsupported value: "Maybe": supported values: "False", "True", "Unknown"',
    ],
  },
  {
    name: 'approved and denied at once',
    csr: csr({}, withTypes('Denied', 'Approved')),
    errors: ['status.conditions: Invalid value: "Approved": Approved and Denied conditions are mutually exclusive'],
  },
  {
    name: 'a condition twice',
    csr: csr({}, withTypes('Approved', 'Approved')),
    errors: ['status.conditions[1].type: Duplicate value: "Approved"'],
  },
  {
    name: 'a certificate that is none',
    csr: csr({}, { certificate: 'aGVsbG8=' }),
    errors: [
      'status.certificate: Invalid value: "<certificate data>": must contain at least one CERTIFICATE PEM block',
    ],
  },
  {
    name: 'everything at once, in the order of the API',
    csr: csr({ request: '', usages: [], signerName: 'x', expirationSeconds: 1 }, { conditions: [condition('A', '')] }),
    errors: [
      'spec.request: Invalid value: null: PEM block type must be CERTIFICATE REQUEST',
      'spec.usages: Required value',
      `spec.signerName: Invalid value: "x": must be a fully qualified domain and path of the form 'example.com/signer-name'`,
      'spec.expirationSeconds: Invalid value: 1: may not specify a duration less than 600 seconds (10 minutes)',
      'status.conditions[0].status: Required value',
    ],
  },
];

for (const { name, csr: bad, errors } of refused) {
  test(`refuses ${name}`, async () => {
    const found = await validateCertificateSigningRequest(bad, verifier);
    assert.deepEqual(found.map(fieldErrorText), errors);
  });
}

const APPROVAL: UpdateRules = { decisions: true, certificate: false };
const STATUS: UpdateRules = { decisions: false, certificate: true };

const refusedUpdates: readonly {
  readonly name: string;
  readonly rules: UpdateRules;
  readonly from: CertificateSigningRequestStatus;
  readonly to: CertificateSigningRequestStatus;
  readonly errors: readonly string[];
}[] = [
  ...['Approved', 'Denied', 'Failed'].flatMap((type) =>
    [APPROVAL, STATUS].map((rules) => ({
      name: `${type} taken away through ${rules.decisions ? '/approval' : '/status'}`,
      rules,
      from: withTypes(type),
      to: {},
      errors: [`status.conditions: Forbidden: updates may not remove a condition of type "${type}"`],
    })),
  ),
  ...['Approved', 'Denied'].map((type) => ({
    name: `${type} added through /status`,
    rules: STATUS,
    from: {},
    to: withTypes(type),
    errors: [`status.conditions: Forbidden: updates may not add a condition of type "${type}"`],
  })),
  {
    name: 'Approved turned into Denied',
    rules: APPROVAL,
    from: withTypes('Approved'),
    to: withTypes('Denied'),
    errors: ['status.conditions: Forbidden: updates may not remove a condition of type "Approved"'],
  },
  {
    name: 'a certificate set through /approval',
    rules: APPROVAL,
    from: {},
    to: { certificate: CERTIFICATE },
    errors: ['status.certificate: Forbidden: updates may not set certificate content'],
  },
  {
    name: 'another certificate',
    rules: STATUS,
    from: { certificate: CERTIFICATE },
    to: { certificate: OTHER_CERTIFICATE },
    errors: ['status.certificate: Forbidden: updates may not modify existing certificate content'],
  },
  {
    name: 'a certificate taken away',
    rules: STATUS,
    from: { certificate: CERTIFICATE },
    to: { certificate: '' },
    errors: ['status.certificate: Forbidden: updates may not modify existing certificate content'],
  },
];

for (const { name, rules, from, to, errors } of refusedUpdates) {
  test(`refuses ${name}`, async () => {
    const found = await validateCertificateSigningRequestUpdate(csr({}, to), csr({}, from), rules, verifier);
    assert.deepEqual(found.map(fieldErrorText), errors);
  });
}

const taken: readonly {
  readonly name: string;
  readonly rules: UpdateRules;
  readonly from: CertificateSigningRequest;
  readonly to: CertificateSigningRequest;
}[] = [
  { name: 'an approval', rules: APPROVAL, from: csr(), to: csr({}, withTypes('Approved')) },
  { name: 'a failure through either endpoint', rules: STATUS, from: csr(), to: csr({}, withTypes('Failed')) },
  {
    name: 'a denial of what has a certificate already',
    rules: APPROVAL,
    from: csr({}, { certificate: CERTIFICATE }),
    to: csr({}, { certificate: CERTIFICATE, ...withTypes('Denied') }),
  },
  {
    name: 'a certificate before any approval',
    rules: STATUS,
    from: csr(),
    to: csr({}, { certificate: CERTIFICATE }),
  },
  { name: 'an empty certificate where there was none', rules: STATUS, from: csr(), to: csr({}, { certificate: '' }) },
];

for (const { name, rules, from, to } of taken) {
  test(`takes ${name}`, async () => {
    assert.deepEqual(await validateCertificateSigningRequestUpdate(to, from, rules, verifier), []);
  });
}

const defects: readonly { readonly name: string; readonly old: CertificateSigningRequest }[] = [
  { name: 'both decisions', old: csr({}, withTypes('Approved', 'Denied')) },
  { name: 'the legacy signer', old: csr({ signerName: 'kubernetes.io/legacy-unknown' }) },
  { name: 'a condition twice', old: csr({}, withTypes('Other', 'Other')) },
  { name: 'a condition without type', old: csr({}, { conditions: [condition('', 'True')] }) },
  { name: 'a certificate that cannot be read', old: csr({}, { certificate: 'aGVsbG8=' }) },
  { name: 'a usage twice', old: csr({ usages: ['any', 'any'] }) },
  { name: 'an unknown usage', old: csr({ usages: ['nope'] }) },
];

for (const { name, old } of defects) {
  test(`lets an update keep ${name} that was stored before`, async () => {
    assert.notDeepEqual(await validateCertificateSigningRequest(old, verifier), []);
    assert.deepEqual(await validateCertificateSigningRequestUpdate(old, old, STATUS, verifier), []);
  });
}

for (const [name, old] of [
  ['a request that cannot be read', csr({ request: '' })],
  ['a signer that is no name', csr({ signerName: 'x' })],
  ['a lifetime that is too short', csr({ expirationSeconds: 1 })],
] as const) {
  test(`refuses an update that keeps ${name}`, async () => {
    const found = await validateCertificateSigningRequestUpdate(old, old, STATUS, verifier);
    assert.equal(found.length, 1);
  });
}
