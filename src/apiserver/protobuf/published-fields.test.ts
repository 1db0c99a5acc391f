import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { conditionSchema, listSchemaOf } from '../../kube/object-meta-schema.js';
import { messageOfField, type FieldSchema, type MessageSchema } from '../../kube/schema.js';
import { messagesWithin, SERVED_KINDS, STORED_KINDS } from '../testing/served-schemas.js';

/** Numbers and types as Kubernetes publishes them; see SOURCE.md beside the file. */
const published = JSON.parse(
  readFileSync(new URL('../../../test/vectors/kubernetes-protobuf/field-types.json', import.meta.url), 'utf8'),
) as Readonly<Record<string, Readonly<Record<string, string>>>>;

/** Packages as the file names them. */
const PACKAGES: readonly (readonly [string, string])[] = [
  ['io.k8s.apimachinery.pkg.apis.meta.v1.', 'meta.'],
  ['io.k8s.api.core.v1.', 'core.'],
  ['io.k8s.api.certificates.v1.', 'certs.'],
  ['io.k8s.api.certificates.v1beta1.', 'certsb1.'],
  // the same messages, in an older version
  ['io.k8s.api.certificates.v1alpha1.', 'certsb1.'],
  ['io.k8s.api.rbac.v1.', 'rbac.'],
  ['io.k8s.api.discovery.v1.', 'disc.'],
  ['io.k8s.api.coordination.v1.', 'coord.'],
  ['io.k8s.api.authentication.v1.', 'authn.'],
  ['io.k8s.api.authorization.v1.', 'authz.'],
  ['io.k8s.api.events.v1.', 'evts.'],
];

/** What older and alpha clients alone know of. */
const LEFT_OUT: Readonly<Record<string, readonly string[]>> = { 'meta.ListMeta': ['shardInfo'] };

/** Fields that are messages of their own in protobuf, whose fields JSON has one level higher. */
const EMBEDDED: ReadonlySet<string> = new Set([
  'ephemeralContainerCommon',
  'handler',
  'localObjectReference',
  'volumeSource',
]);

const TYPES: Readonly<Record<string, string>> = {
  time: 'meta.Time',
  microTime: 'meta.MicroTime',
  quantity: 'resource.Quantity',
  intOrString: 'intstr.IntOrString',
  fieldsV1: 'meta.FieldsV1',
  rawExtension: 'runtime.RawExtension',
};

function publishedName(name: string): string {
  for (const [long, short] of PACKAGES) if (name.startsWith(long)) return short + name.slice(long.length);
  assert.fail(`${name} is in no known package`);
}

/** Each field of a message by its JSON name: the numbers that lead to it, and its type. */
function publishedFields(message: string, prefix = ''): readonly (readonly [string, string])[] {
  const fields = published[message];
  assert.ok(fields !== undefined, `${message} is not published`);
  return Object.entries(fields).flatMap(([name, text]) => {
    const [number = '', type = ''] = text.split(' ');
    if (LEFT_OUT[message]?.includes(name) === true) return [];
    return EMBEDDED.has(name)
      ? publishedFields(type, `${prefix}${number}.`)
      : [[name.toLowerCase(), `${prefix}${number} ${type}`] as const];
  });
}

function ownField(message: string, field: FieldSchema): readonly [string, string] {
  const { name, number, embeddedIn } = field;
  const numbers = embeddedIn === undefined ? String(number) : `${embeddedIn}.${number}`;
  return [name.toLowerCase(), `${numbers} ${ownType(message, field)}`];
}

function ownType(message: string, field: FieldSchema): string {
  const { type, map, repeated } = field;
  const inner = messageOfField(field);
  const single =
    inner !== undefined ? publishedName(inner.name) : typeof type === 'string' ? (TYPES[type] ?? type) : '';
  // a map of lists is one of messages that hold lists
  if (map === true) return `map<string,${repeated === true ? `${message.split('.')[0] ?? ''}.ExtraValue` : single}>`;
  return repeated === true ? `${single}[]` : single;
}

const kinds: readonly MessageSchema[] = [...SERVED_KINDS, ...STORED_KINDS.map(listSchemaOf), conditionSchema];

for (const message of messagesWithin(kinds).filter(({ name }) => name.startsWith('io.k8s.'))) {
  test(`numbers and types the fields of ${message.name} as Kubernetes does`, () => {
    const name = publishedName(message.name);
    const ours = message.fields.map((field) => ownField(name, field));
    assert.deepEqual(Object.fromEntries(ours), Object.fromEntries(publishedFields(name)));
  });
}
