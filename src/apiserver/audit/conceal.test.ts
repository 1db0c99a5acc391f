import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { Status } from '../../kube/status.js';
import { requestInfo } from '../routing/request-info.js';
import { concealed, concealedStatus, confidentialityOf, jsonWithoutKeys, withoutManagedFields } from './conceal.js';

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';
const PASSWORD = 'hunter2';

suite('of a Secret nothing secret is left in', () => {
  const bodies: Readonly<Record<string, unknown>> = {
    object: {
      kind: 'Secret',
      apiVersion: 'v1',
      metadata: { name: 'a', annotations: { [LAST_APPLIED]: PASSWORD, team: 'x' } },
      type: 'Opaque',
      data: { password: PASSWORD },
      stringData: { password: PASSWORD },
    },
    list: { kind: 'SecretList', items: [{ metadata: { name: 'a' }, data: { password: PASSWORD } }] },
    table: {
      kind: 'Table',
      columnDefinitions: [{ name: 'Name' }],
      rows: [{ cells: ['a'], object: { metadata: { annotations: { [LAST_APPLIED]: PASSWORD } } } }],
    },
    'table with whole objects': {
      kind: 'Table',
      rows: [{ cells: ['a'], object: { kind: 'Secret', metadata: { name: 'a' }, data: { password: PASSWORD } } }],
    },
    'table that is none': { kind: 'Table', rows: [PASSWORD], data: { password: PASSWORD } },
    'patch that calls itself options': { kind: 'DeleteOptions', data: { password: PASSWORD } },
    'merge patch': { data: { password: PASSWORD }, metadata: { annotations: { [LAST_APPLIED]: PASSWORD } } },
    'merge patch that makes no sense': { data: PASSWORD, stringData: [PASSWORD], other: { x: [PASSWORD] } },
    'JSON patch': [{ op: 'replace', path: '/data/password', value: PASSWORD }],
    'JSON patch with a slip': [{ op: 'add', path: '/data/password', vale: PASSWORD }, PASSWORD],
    'text in its place': PASSWORD,
  };
  for (const [name, body] of Object.entries(bodies)) {
    test(`a body that is a ${name}`, () => {
      const before = JSON.stringify(body);
      assert.doesNotMatch(JSON.stringify(concealed(body, 'secret')), new RegExp(PASSWORD));
      assert.equal(JSON.stringify(body), before);
    });
  }

  test('but its name, type, keys and other metadata are', () => {
    assert.deepEqual(concealed(bodies['object'], 'secret'), {
      kind: 'Secret',
      apiVersion: 'v1',
      metadata: { name: 'a', annotations: { [LAST_APPLIED]: '(concealed)', team: 'x' } },
      type: 'Opaque',
      data: { password: '(concealed)' },
      stringData: { password: '(concealed)' },
    });
    const options = { kind: 'DeleteOptions', gracePeriodSeconds: 0 };
    assert.deepEqual(concealed(options, 'secret'), options);
  });
});

test('of token requests and reviews the token is concealed, sent or answered, and nothing else', () => {
  const review = { spec: { token: PASSWORD, audiences: ['a'] }, status: { token: PASSWORD, authenticated: true } };
  assert.deepEqual(concealed(review, 'token'), {
    spec: { token: '(concealed)', audiences: ['a'] },
    status: { token: '(concealed)', authenticated: true },
  });
  assert.deepEqual(concealed({ status: { token: '' } }, 'token'), { status: { token: '' } });
});

test('a refusal that may repeat a confidential body loses its words, others keep them', () => {
  const status: Status = {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: PASSWORD,
    reason: 'Invalid',
    details: { name: 'a', causes: [{ reason: 'FieldValueInvalid', message: PASSWORD, field: 'data' }] },
    code: 422,
  };
  assert.deepEqual(concealedStatus(status, 'secret'), {
    ...status,
    message: '(concealed)',
    details: { name: 'a', causes: [{ reason: 'FieldValueInvalid', message: '(concealed)', field: 'data' }] },
  });
  assert.equal(concealedStatus({ ...status, code: 409 }, 'secret').message, PASSWORD);
  assert.equal(concealedStatus(status, undefined), status);
});

test('what is confidential follows from the path', () => {
  const paths = {
    '/api/v1/secrets': 'secret',
    '/api/v1/namespaces/a/secrets/b': 'secret',
    '/api/v1/namespaces/a/serviceaccounts/b/token': 'token',
    '/apis/authentication.k8s.io/v1/tokenreviews': 'token',
    '/api/v1/namespaces/a/serviceaccounts/b': undefined,
    '/apis/example.com/v1/secrets': undefined,
    '/secrets': undefined,
  };
  for (const [path, expected] of Object.entries(paths)) {
    const info = requestInfo('GET', path);
    assert.ok(info !== undefined);
    assert.equal(confidentialityOf(info), expected, path);
  }
});

suite('a private key is concealed wherever it stands', () => {
  for (const label of ['PRIVATE KEY', 'RSA PRIVATE KEY', 'EC PRIVATE KEY', 'ENCRYPTED PRIVATE KEY']) {
    const pem = `-----BEGIN ${label}-----\nMIGH\n-----END ${label}-----\n`;
    const texts = [pem, ...['', 'x', 'xy'].map((before) => Buffer.from(before + pem).toString('base64'))];
    for (const text of texts) {
      test(`${label}: ${text.slice(0, 20)}`, () => {
        const json = jsonWithoutKeys({ a: { data: { key: text, cert: 'c' } }, list: [`x${text}`] });
        assert.deepEqual(JSON.parse(json), { a: { data: { key: '(concealed)', cert: 'c' } }, list: ['(concealed)'] });
      });
    }
  }

  test('and a public key, a certificate or a request is not', () => {
    const pems = ['PUBLIC KEY', 'CERTIFICATE', 'CERTIFICATE REQUEST'].map((label) => `-----BEGIN ${label}-----\nMIGH`);
    const event = { pems, base64: pems.map((pem) => Buffer.from(pem).toString('base64')) };
    assert.equal(jsonWithoutKeys(event), JSON.stringify(event));
  });
});

test('managed fields are left out of objects, lists and tables', () => {
  const object = { kind: 'ConfigMap', metadata: { name: 'a', managedFields: [{}] }, data: { managedFields: 'x' } };
  const bare = { kind: 'ConfigMap', metadata: { name: 'a' }, data: { managedFields: 'x' } };
  assert.deepEqual(withoutManagedFields(object), bare);
  assert.deepEqual(withoutManagedFields({ metadata: {}, items: [object] }), { metadata: {}, items: [bare] });
  assert.deepEqual(withoutManagedFields({ kind: 'Table', rows: [{ cells: [], object }] }), {
    kind: 'Table',
    rows: [{ cells: [], object: bare }],
  });
  const patch = [{ op: 'add' }];
  assert.equal(withoutManagedFields(patch), patch);
  assert.equal(object.metadata.managedFields.length, 1);
});
