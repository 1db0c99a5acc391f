import { decodeBase64 } from '../../base/base64.js';
import { parseUtf8 } from '../../base/bytes.js';
import { messageOf } from '../../base/error.js';
import { isJsonObject } from '../../kube/decode-json.js';
import type { FieldError } from '../../kube/field-error.js';
import { invalid, required, tooLong } from '../../kube/field-error.js';
import type { KubeObject } from '../../kube/object-meta.js';
import { parseJson } from '../../kube/parse-json.js';
import { decodedLength, MAX_DATA_BYTES, validateImmutable, validateKeys } from '../configmaps/config-data.js';

/** core/v1 Secret. `data` is base64. */
export interface Secret extends KubeObject {
  readonly type?: string;
  readonly data?: Readonly<Record<string, string>>;
  readonly stringData?: Readonly<Record<string, string>>;
  readonly immutable?: boolean;
}

/** What stands in an error in place of a secret. */
const REDACTED = '<secret contents redacted>';

/** Keys that a type of Secret must have. */
const REQUIRED_KEYS: Readonly<Record<string, readonly string[]>> = {
  'kubernetes.io/tls': ['tls.crt', 'tls.key'],
  'kubernetes.io/ssh-auth': ['ssh-privatekey'],
};

/** Keys of a type of Secret that must hold JSON. */
const JSON_KEYS: Readonly<Record<string, string>> = {
  'kubernetes.io/dockercfg': '.dockercfg',
  'kubernetes.io/dockerconfigjson': '.dockerconfigjson',
};

/** What is wrong with a Secret. Its values are never printed. */
export function validateSecret(secret: Secret): readonly FieldError[] {
  const data = secret.data ?? {};
  const type = secret.type ?? '';
  const errors = [...validateKeys(Object.keys(data), 'data')];
  let bytes = 0;
  for (const value of Object.values(data)) bytes += decodedLength(value);
  if (bytes > MAX_DATA_BYTES) errors.push(tooLong('data', MAX_DATA_BYTES));
  for (const key of REQUIRED_KEYS[type] ?? []) {
    if (!Object.hasOwn(data, key)) errors.push(required(`data[${key}]`));
  }
  const jsonKey = JSON_KEYS[type];
  if (jsonKey !== undefined) errors.push(...validateJson(data, jsonKey));
  if (type === 'kubernetes.io/basic-auth' && !Object.hasOwn(data, 'username') && !Object.hasOwn(data, 'password')) {
    errors.push(required('data[username]'), required('data[password]'));
  }
  if (type === 'kubernetes.io/service-account-token') {
    const account = 'kubernetes.io/service-account.name';
    if ((secret.metadata.annotations?.[account] ?? '') === '')
      errors.push(required(`metadata.annotations[${account}]`));
  }
  return errors;
}

function validateJson(data: Readonly<Record<string, string>>, key: string): readonly FieldError[] {
  const value = data[key];
  if (value === undefined) return [required(`data[${key}]`)];
  const decoded = decodeBase64(value);
  const text = decoded.kind === 'bytes' ? (parseUtf8(decoded.bytes) ?? '') : '';
  try {
    if (isJsonObject(parseJson(text))) return [];
  } catch (error) {
    return [invalid(`data[${key}]`, REDACTED, messageOf(error))]; // names one character at most, as the API does
  }
  return [invalid(`data[${key}]`, REDACTED, 'json: cannot unmarshal into Go value of type map[string]interface {}')];
}

/** What is wrong with a changed Secret. */
export function validateSecretUpdate(next: Secret, previous: Secret): readonly FieldError[] {
  const errors: FieldError[] = [];
  if (next.type !== previous.type) errors.push(invalid('type', next.type, 'field is immutable'));
  errors.push(...validateImmutable(next, previous, ['data']));
  return [...errors, ...validateSecret(next)];
}
