import assert from 'node:assert/strict';
import { test } from 'node:test';
import { utf8 } from '../base/bytes.js';
import type { BackupRecord } from '../storage/backup/backup-format.js';
import { StoredCheck } from './check-stored.js';

const HEADER = {
  kind: 'header',
  header: { revision: 1000, createdAt: '2026-11-23T16:58:39Z', program: '0.1.0', keys: 'store' },
} as const satisfies BackupRecord;
const END: BackupRecord = { kind: 'end', end: { entries: 0, files: 0, sha256: '' } };

let revision = 0;

function entry(key: string, value: unknown, at = ++revision): BackupRecord {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return { kind: 'entry', entry: { key, value: utf8(text), revision: at } };
}

function namespace(name: string): BackupRecord {
  return entry(`/registry/namespaces/${name}`, {
    kind: 'Namespace',
    apiVersion: 'v1',
    metadata: { name, uid: `uid-of-${name}` },
  });
}

function configMap(change: object = {}, metadata: object = {}): object {
  return {
    kind: 'ConfigMap',
    apiVersion: 'v1',
    metadata: { name: 'a', namespace: 'default', uid: 'u', ...metadata },
    ...change,
  };
}

function service(spec: object): BackupRecord {
  return entry('/registry/services/specs/default/s', {
    kind: 'Service',
    apiVersion: 'v1',
    metadata: { name: 's', namespace: 'default', uid: 's' },
    spec,
  });
}

const KEY = '/registry/configmaps/default/a';
const CLUSTER_IP = { type: 'NodePort', clusterIP: '10.0.0.7', clusterIPs: ['10.0.0.7'] };
const PORTS = { ports: [{ port: 80, protocol: 'TCP', nodePort: 30_080, targetPort: 80 }] };

const wrong: readonly { readonly name: string; readonly records: readonly BackupRecord[]; readonly problem: string }[] =
  [
    { name: 'a key of no kind', records: [entry('/registry/x/a', {})], problem: '/registry/x/a: no kind lives there' },
    {
      name: 'no JSON',
      records: [entry(KEY, '{')],
      problem: `${KEY}: Expected property name or '}' in JSON at position 1`,
    },
    {
      name: 'a value of another kind',
      records: [entry(KEY, configMap({ kind: 'Secret' }))],
      problem: `${KEY}: it is a Secret of v1, not a ConfigMap of v1`,
    },
    {
      name: 'a field of another type',
      records: [entry(KEY, configMap({ data: [] }))],
      problem: `${KEY}: json: cannot unmarshal array into Go struct field ConfigMap.data of type map[string]string`,
    },
    {
      name: 'an unknown field',
      records: [entry(KEY, configMap({ more: 1 }))],
      problem: `${KEY}: unknown fields more`,
    },
    {
      name: 'an object under the key of another',
      records: [entry(KEY, configMap({}, { name: 'b' }))],
      problem: `${KEY}: its object says that it is "default/b"`,
    },
    {
      name: 'an object without uid',
      records: [entry(KEY, configMap({}, { uid: '' }))],
      problem: `${KEY}: its object has no uid`,
    },
    {
      name: 'a uid that another has',
      records: [entry(KEY, configMap()), entry('/registry/configmaps/default/b', configMap({}, { name: 'b' }))],
      problem: `/registry/configmaps/default/b: its object has uid u, and so has that of ${KEY}`,
    },
    {
      name: 'a revision that another has',
      records: [entry('/countersign/a', '', 900), entry('/countersign/b', '', 900)],
      problem: '/countersign/b: it has revision 900, and so has /countersign/a',
    },
    {
      name: 'an object in a namespace that is not there',
      records: [entry('/registry/configmaps/gone/a', configMap({}, { namespace: 'gone' }))],
      problem: '/registry/configmaps/gone/a: there is no namespace "gone"',
    },
    {
      name: 'a cluster IP that nobody claimed',
      records: [service(CLUSTER_IP)],
      problem: '/registry/clusterips/10.0.0.7: cluster IP 10.0.0.7 of Service default/s is not claimed',
    },
    {
      name: 'a node port that nobody claimed',
      records: [service({ ...CLUSTER_IP, ...PORTS }), entry('/registry/clusterips/10.0.0.7', '{}')],
      problem: '/registry/nodeports/30080: node port 30080 of Service default/s is not claimed',
    },
  ];

function problemsOf(
  records: readonly BackupRecord[],
  check = new StoredCheck(({ value }) => value),
): readonly string[] {
  for (const record of records) check.look(record);
  return check.problems();
}

for (const { name, records, problem } of wrong) {
  test(`finds ${name}`, () => {
    const [first, ...more] = problemsOf([HEADER, namespace('default'), ...records, END]);
    assert.deepEqual(more, []);
    assert.ok(first?.startsWith(problem), first);
  });
}

test('finds nothing where nothing is wrong', () => {
  const records = [
    service({ ...CLUSTER_IP, ...PORTS }),
    entry('/registry/clusterips/10.0.0.7', '{}'),
    entry('/registry/nodeports/30080', '{}'),
    entry('/registry/clusterips/10.0.0.8', '{}'), // on its way, or left behind: it can be taken over
    entry(KEY, configMap()),
    entry('/countersign/keys/pki/server-ca.key', 'pem'),
  ];
  assert.deepEqual(problemsOf([HEADER, namespace('default'), ...records, END]), []);
});

test('keys that are missing from a folder are told; those in a store are among its entries', () => {
  const header: BackupRecord = { ...HEADER, header: { ...HEADER.header, keys: 'files' } };
  const file: BackupRecord = { kind: 'file', file: { name: 'pki/server-ca.key', content: utf8('pem') } };
  assert.deepEqual(problemsOf([header, file, END]), [
    'pki/server-ca.crt: it is missing',
    'pki/client-ca.key: it is missing',
    'pki/client-ca.crt: it is missing',
  ]);
});

test('what is sealed is opened, or counted where its key is not at hand, or told where it cannot be', () => {
  const opening = new StoredCheck(() => utf8(JSON.stringify(configMap())));
  assert.deepEqual(problemsOf([HEADER, entry(KEY, 'sealed'), END], opening), [
    `${KEY}: there is no namespace "default"`,
  ]);
  const without = new StoredCheck(() => undefined);
  assert.deepEqual(problemsOf([HEADER, entry(KEY, 'sealed'), END], without), []);
  assert.equal(without.sealed, 1);
  const damaged = new StoredCheck(() => {
    throw new Error('it was changed');
  });
  assert.deepEqual(problemsOf([HEADER, entry(KEY, 'sealed'), END], damaged), [`${KEY}: it was changed`]);
});

test('a store that is somebody else’s does not fill the screen', () => {
  const records = Array.from({ length: 250 }, (_, i) => entry(`/other/${i}`, ''));
  const problems = problemsOf([HEADER, ...records, END]);
  assert.equal(problems.length, 101);
  assert.equal(problems.at(-1), 'and 150 more');
});
