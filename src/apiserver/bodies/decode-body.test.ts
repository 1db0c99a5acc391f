import assert from 'node:assert/strict';
import { test } from 'node:test';
import { metadataField } from '../../kube/object-meta-schema.js';
import type { MessageSchema } from '../../kube/schema.js';
import { StatusError } from '../../kube/status.js';
import type { Resource } from '../../registry/resource.js';
import type { ServedResource } from '../served-resource.js';
import { bodyFormat, decodeBody, type ExpectedKind, refuseFindings } from './decode-body.js';
import { KnownKinds } from './known-kinds.js';

const schema: MessageSchema = {
  name: 'io.k8s.api.core.v1.ConfigMap',
  description: 'A map.',
  fields: [metadataField, { name: 'data', number: 2, type: 'string', map: true, description: 'Text.' }],
};
const CONFIG_MAP: ExpectedKind = { group: '', version: 'v1', kind: 'ConfigMap', schema };
const REQUEST: ExpectedKind = { ...CONFIG_MAP, group: 'certificates.k8s.io', kind: 'CertificateSigningRequest' };

/** KnownKinds only looks at names, so that is all these resources have. */
function served(group: string, version: string, kind: string): ServedResource {
  return { resource: { group, version, kind } as Resource } as ServedResource;
}
const kinds = new KnownKinds(
  [
    served('', 'v1', 'ConfigMap'),
    served('', 'v1', 'Secret'),
    served('certificates.k8s.io', 'v1', 'CertificateSigningRequest'),
  ],
  [],
);

const REFUSALS: readonly {
  readonly name: string;
  readonly body: string;
  readonly as?: ExpectedKind;
  readonly message: string;
}[] = [
  {
    name: 'text that is no JSON',
    body: 'garbage',
    message: `the object provided is unrecognized (must be of type ConfigMap): couldn't get version/kind; json parse error: invalid character 'g' looking for beginning of value (67617262616765)`,
  },
  {
    name: 'nothing',
    body: '',
    message: `the object provided is unrecognized (must be of type ConfigMap): couldn't get version/kind; json parse error: unexpected end of JSON input (<empty>)`,
  },
  {
    name: 'JSON that breaks off, shown as text',
    body: '{"apiVersion": "v1", "kind": "ConfigMap", ',
    message: `the object provided is unrecognized (must be of type ConfigMap): couldn't get version/kind; json parse error: unexpected end of JSON input ({"apiVersion": "v1", "kind": " ...)`,
  },
  {
    name: 'a list',
    body: '[]',
    message: String.raw`the object provided is unrecognized (must be of type ConfigMap): couldn't get version/kind; json parse error: json: cannot unmarshal array into Go value of type struct { APIVersion string "json:\"apiVersion,omitempty\""; Kind string "json:\"kind,omitempty\"" } (5b5d)`,
  },
  {
    name: 'a kind that is a number',
    body: '{"kind":1}',
    message: `the object provided is unrecognized (must be of type ConfigMap): couldn't get version/kind; json parse error: json: cannot unmarshal number into Go struct field .kind of type string ({"kind":1})`,
  },
  {
    name: 'an apiVersion with two slashes',
    body: '{"apiVersion":"a/b/c"}',
    message: `the object provided is unrecognized (must be of type ConfigMap): unexpected GroupVersion string: a/b/c ({"apiVersion":"a/b/c"})`,
  },
  {
    name: 'another known kind',
    body: '{"apiVersion":"v1","kind":"Secret"}',
    message: `Secret in version "v1" cannot be handled as a ConfigMap: converting (v1.Secret) to (core.ConfigMap): unknown conversion`,
  },
  {
    name: 'an unknown kind',
    body: '{"apiVersion":"v1","kind":"Foo"}',
    message: `Foo in version "v1" cannot be handled as a ConfigMap: no kind "Foo" is registered for version "v1" in scheme "pkg/api/legacyscheme/scheme.go:30"`,
  },
  {
    name: 'a kind of another group',
    as: REQUEST,
    body: '{"apiVersion":"certificates.k8s.io/v1","kind":"ConfigMap"}',
    message: `ConfigMap in version "v1" cannot be handled as a CertificateSigningRequest: no kind "ConfigMap" is registered for version "certificates.k8s.io/v1" in scheme "pkg/api/legacyscheme/scheme.go:30"`,
  },
  {
    name: 'an earlier version of the kind',
    as: REQUEST,
    body: '{"apiVersion":"certificates.k8s.io/v1beta1","kind":"CertificateSigningRequest"}',
    message:
      'the API version in the data (certificates.k8s.io/v1beta1) does not match the expected API version (certificates.k8s.io/v1)',
  },
  {
    name: 'a number where text belongs',
    body: '{"data":{"a":1}}',
    message: `ConfigMap in version "v1" cannot be handled as a ConfigMap: json: cannot unmarshal number into Go struct field ConfigMap.data of type string`,
  },
];

for (const { name, body, as = CONFIG_MAP, message } of REFUSALS) {
  test(`a body is refused: ${name}`, async () => {
    await assert.rejects(decodeBody(Buffer.from(body), 'json', as, kinds, true), (error) => {
      assert.ok(error instanceof StatusError);
      assert.deepEqual([error.httpCode, error.reason, error.message], [400, 'BadRequest', message]);
      return true;
    });
  });
}

test('a body in another format is refused with what is taken', () => {
  for (const type of ['text/plain', 'application/cbor', 'application/xml; charset=utf-8', 'json']) {
    assert.throws(() => bodyFormat(type), {
      message:
        'the body of the request was in an unknown format - accepted media types include: application/json, application/yaml, application/vnd.kubernetes.protobuf',
    });
  }
  assert.equal(bodyFormat(''), 'json', 'kubectl replace --raw sends no type at all');
  assert.equal(bodyFormat('Application/JSON; charset=utf-8'), 'json');
});

test('strict validation refuses unknown and doubled fields, in the order of the text', async () => {
  const text = '{"metadata":{"name":"a"},"dta":{},"data":{"a":"1","a":"2"}}';
  const { findings } = await decodeBody(Buffer.from(text), 'json', CONFIG_MAP, kinds, true);
  assert.throws(
    () => {
      refuseFindings(findings, CONFIG_MAP);
    },
    {
      message:
        'ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: unknown field "dta", duplicate field "data.a"',
    },
  );
});

test('nothing is looked for where nobody asks', async () => {
  const { findings } = await decodeBody(Buffer.from('{"dta":{}}'), 'json', CONFIG_MAP, kinds, false);
  assert.deepEqual(findings, []);
});

test('kind and apiVersion come from the URL where the body has none', async () => {
  for (const [format, body] of [
    ['json', '{"metadata":{"name":"a"}}'],
    ['yaml', 'metadata:\n  name: a\n'],
  ] as const) {
    const { object } = await decodeBody(Buffer.from(body), format, CONFIG_MAP, kinds, true);
    assert.deepEqual([object.kind, object.apiVersion, object.metadata.name], ['ConfigMap', 'v1', 'a'], format);
  }
});

test('null is an empty object, as it is for the API server', async () => {
  const { object } = await decodeBody(Buffer.from('null'), 'json', CONFIG_MAP, kinds, true);
  assert.equal(object.kind, 'ConfigMap');
});
