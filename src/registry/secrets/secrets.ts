import { decodeBase64, toBase64 } from '../../base/base64.js';
import { utf8 } from '../../base/bytes.js';
import { dnsSubdomainProblems } from '../../kube/names.js';
import { AGE_COLUMN, ageCell, NAME_COLUMN, textColumn } from '../columns.js';
import type { Resource } from '../resource.js';
import { secretSchema } from './schema.js';
import type { Secret } from './validate-secret.js';
import { validateSecret, validateSecretUpdate } from './validate-secret.js';

/** Why a certificate and a private key (both PEM) make no pair, in Go's words; undefined when they do. */
export type TlsPairCheck = (certificatePem: Uint8Array, keyPem: Uint8Array) => string | undefined;

/** `Opaque` where no type is given; `stringData` goes into `data` and is gone. */
function setDefaults(secret: Secret): Secret {
  const { stringData, ...rest } = secret;
  const typed: Secret = (secret.type ?? '') === '' ? { ...rest, type: 'Opaque' } : rest;
  if (stringData === undefined || Object.keys(stringData).length === 0) return typed;
  const encoded = Object.entries(stringData).map(([key, value]) => [key, toBase64(utf8(value))] as const);
  return { ...typed, data: { ...secret.data, ...Object.fromEntries(encoded) } };
}

/** A pair that does not load is stored all the same, with this warning. One that is still empty is left in peace. */
function tlsWarnings(secret: Secret, check: TlsPairCheck): readonly string[] {
  if (secret.type !== 'kubernetes.io/tls') return [];
  const [certificate, key] = ['tls.crt', 'tls.key'].map((name) => {
    const decoded = decodeBase64(secret.data?.[name] ?? '');
    return decoded.kind === 'bytes' ? decoded.bytes : new Uint8Array();
  });
  if (certificate === undefined || key === undefined || certificate.length === 0 || key.length === 0) return [];
  const problem = check(certificate, key);
  return problem === undefined ? [] : [problem];
}

/** core/v1 secrets. */
export function createSecrets(checkTlsPair: TlsPairCheck = () => undefined): Resource<Secret> {
  return {
    group: '',
    version: 'v1',
    kind: 'Secret',
    resource: 'secrets',
    singular: 'secret',
    namespaced: true,
    storageVersionHash: 'S6u1pOWzb84=',
    schema: secretSchema,
    keyPrefix: '/registry/secrets/',
    strategy: {
      nameProblems: dnsSubdomainProblems,
      createOnUpdate: false,
      unconditionalUpdate: true,
      setDefaults,
      prepareForCreate: (secret) => secret,
      validate: validateSecret,
      prepareForUpdate: (next) => next,
      validateUpdate: validateSecretUpdate,
      warningsFor: (secret) => tlsWarnings(secret, checkTlsPair),
    },
    selectableFields: { type: (secret) => secret.type ?? '' },
    unknownFieldText: 'plain',
    columns: [
      NAME_COLUMN,
      textColumn('Type', 'What the Secret is for.'),
      textColumn('Data', 'How many values it holds.'),
      AGE_COLUMN,
    ],
    cells: (secret, now) => [
      secret.metadata.name ?? '',
      secret.type ?? '',
      Object.keys(secret.data ?? {}).length,
      ageCell(secret, now),
    ],
    deleteAnswer: 'status',
  };
}
