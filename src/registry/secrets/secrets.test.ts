import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fieldErrorText } from '../../kube/field-error.js';
import { openTestStore } from '../testing/open-test-store.js';
import { createSecrets } from './secrets.js';
import { type Secret, validateSecret, validateSecretUpdate } from './validate-secret.js';

function secret(part: Partial<Secret> = {}): Secret {
  return { metadata: { name: 's', namespace: 'default' }, type: 'Opaque', ...part };
}

const REDACTED = '"<secret contents redacted>"';
const KEY_RULE =
  "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or " +
  "'key-name', regex used for validation is '[-._a-zA-Z0-9]+')";

const refused: readonly { readonly name: string; readonly secret: Secret; readonly errors: readonly string[] }[] = [
  {
    name: 'keys that are none',
    secret: secret({ data: { 'a b': '', '..x': '' } }),
    errors: [
      `data[a b]: Invalid value: "a b": ${KEY_RULE}`,
      `data[..x]: Invalid value: "..x": must not start with '..'`,
    ],
  },
  {
    name: 'a TLS Secret without key',
    secret: secret({ type: 'kubernetes.io/tls', data: { 'tls.crt': 'YQ==' } }),
    errors: ['data[tls.key]: Required value'],
  },
  {
    name: 'an SSH Secret without key',
    secret: secret({ type: 'kubernetes.io/ssh-auth' }),
    errors: ['data[ssh-privatekey]: Required value'],
  },
  {
    name: 'a basic-auth Secret without either',
    secret: secret({ type: 'kubernetes.io/basic-auth' }),
    errors: ['data[username]: Required value', 'data[password]: Required value'],
  },
  {
    name: 'a token Secret without account',
    secret: secret({ type: 'kubernetes.io/service-account-token' }),
    errors: ['metadata.annotations[kubernetes.io/service-account.name]: Required value'],
  },
  {
    name: 'a docker config that is missing',
    secret: secret({ type: 'kubernetes.io/dockerconfigjson' }),
    errors: ['data[.dockerconfigjson]: Required value'],
  },
  {
    name: 'a docker config that is no JSON, without showing it',
    secret: secret({ type: 'kubernetes.io/dockercfg', data: { '.dockercfg': 'aHVudGVyMg==' } }),
    errors: [`data[.dockercfg]: Invalid value: ${REDACTED}: invalid character 'h' looking for beginning of value`],
  },
  {
    name: 'more than a mebibyte',
    secret: secret({ data: { a: Buffer.alloc(1_048_577).toString('base64') } }),
    errors: ['data: Too long: may not be more than 1048576 bytes'],
  },
];

for (const { name, secret: bad, errors } of refused) {
  test(`refuses ${name}`, () => {
    assert.deepEqual(validateSecret(bad).map(fieldErrorText), errors);
  });
}

const frozen = 'field is immutable when `immutable` is set';
const refusedUpdates: readonly {
  readonly name: string;
  readonly from: Secret;
  readonly to: Secret;
  readonly errors: readonly string[];
}[] = [
  {
    name: 'another type',
    from: secret(),
    to: secret({ type: 'example.com/x' }),
    errors: ['type: Invalid value: "example.com/x": field is immutable'],
  },
  {
    name: 'other data where it is immutable',
    from: secret({ immutable: true, data: { a: 'YQ==' } }),
    to: secret({ immutable: true, data: { a: 'Yg==' } }),
    errors: [`data: Forbidden: ${frozen}`],
  },
  {
    name: 'that it is immutable no more',
    from: secret({ immutable: true }),
    to: secret({ immutable: false }),
    errors: [`immutable: Forbidden: ${frozen}`],
  },
];

for (const { name, from, to, errors } of refusedUpdates) {
  test(`refuses ${name}`, () => {
    assert.deepEqual(validateSecretUpdate(to, from).map(fieldErrorText), errors);
  });
}

test('takes exactly a mebibyte, and another order of the same data', () => {
  assert.deepEqual(validateSecret(secret({ data: { a: Buffer.alloc(1_048_576).toString('base64') } })), []);
  const from = secret({ immutable: true, data: { a: 'YQ==', b: 'Yg==' } });
  const to = secret({ immutable: true, data: { b: 'Yg==', a: 'YQ==' } });
  assert.deepEqual(validateSecretUpdate(to, from), []);
});

test('merges stringData over data, and never shows it', async () => {
  const { objects, context } = openTestStore(createSecrets());
  const sent: Secret = {
    metadata: { name: 's', namespace: 'default' },
    data: { a: 'YQ==', b: 'Yg==' },
    stringData: { b: 'ü' },
  };
  const { type, data, stringData } = await objects.create(sent, { context: context() });
  assert.deepEqual(
    { type, data, stringData },
    { type: 'Opaque', data: { a: 'YQ==', b: 'w7w=' }, stringData: undefined },
  );
});

test('warns of a pair that does not load, and only of a pair', async () => {
  const { objects, context, warnings } = openTestStore(
    createSecrets((certificate, key) => `${Buffer.from(certificate).toString()}/${Buffer.from(key).toString()}`),
  );
  const write = async (name: string, part: Partial<Secret>): Promise<void> => {
    await objects.create(secret({ metadata: { name, namespace: 'default' }, ...part }), { context: context() });
  };
  await write('pair', { type: 'kubernetes.io/tls', stringData: { 'tls.crt': 'c', 'tls.key': 'k' } });
  await write('empty', { type: 'kubernetes.io/tls', data: { 'tls.crt': '', 'tls.key': '' } });
  await write('opaque', { stringData: { 'tls.crt': 'c', 'tls.key': 'k' } });
  assert.deepEqual(warnings, ['c/k']);
});

test('prints how many values there are', () => {
  const { cells, columns } = createSecrets();
  const { context } = openTestStore(createSecrets());
  const row = cells(secret({ data: { a: '', b: '' } }), context().now);
  assert.deepEqual(row, ['s', 'Opaque', 2, '<unknown>']);
  assert.equal(columns.length, row.length);
});
