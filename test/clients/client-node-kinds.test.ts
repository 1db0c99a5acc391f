import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { after, before, test } from 'node:test';
import {
  CertificatesV1Api,
  CoreV1Api,
  CustomObjectsApi,
  type KubeConfig,
  KubernetesObjectApi,
  type KubernetesObject,
  PatchStrategy,
  setHeaderOptions,
  Watch,
} from '@kubernetes/client-node';
import { requestObject } from '../system/kubectl-stage.js';
import { type ServerProcess, startServer } from '../server-process.js';
import { administrator, refusalOf } from './client-node.js';
import { type TypedKind, typedKinds } from './typed-kinds.js';

interface Made extends KubernetesObject {
  readonly metadata: NonNullable<KubernetesObject['metadata']>;
}
interface MadeList {
  readonly items: readonly Made[];
  readonly metadata?: { readonly resourceVersion?: string; readonly _continue?: string };
}

let server: ServerProcess;
let config: KubeConfig;
before(async () => {
  server = await startServer(['--in-memory']);
  config = administrator(server);
});
after(() => server[Symbol.asyncDispose]());

/** The generated calls for one kind: their names follow from the kind's. */
function callsOf({ api, kind, namespaced }: TypedKind) {
  const client = config.makeApiClient(api) as unknown as Record<
    string,
    ((param: object, options?: object) => Promise<unknown>) | undefined
  >;
  const place = namespaced ? { namespace: 'default' } : {};
  const call =
    <T>(verb: string) =>
    (param: object, options?: object): Promise<T> => {
      const name = `${verb}${namespaced ? 'Namespaced' : ''}${kind}`;
      const method = client[name]?.bind(client);
      assert.ok(method !== undefined, name);
      return method({ ...place, ...param }, options) as Promise<T>;
    };
  return {
    create: call<Made>('create'),
    read: call<Made>('read'),
    replace: call<Made>('replace'),
    patch: call<Made>('patch'),
    list: call<MadeList>('list'),
    remove: call<unknown>('delete'),
  };
}

async function liveThrough(row: TypedKind): Promise<void> {
  const { create, read, replace, patch, list, remove } = callsOf(row);
  const { apiVersion, kind, body, name = 'life' } = row;
  const object = { apiVersion, kind, metadata: { name }, ...body };

  assert.deepEqual(await refusalOf(read({ name })).then(({ code, reason }) => [code, reason]), [404, 'NotFound']);
  const dry = await create({ body: object, dryRun: 'All' });
  assert.equal(dry.metadata.resourceVersion, undefined);
  assert.equal((await refusalOf(read({ name }))).code, 404);

  const created = await create({ body: object });
  assert.ok(created.metadata.creationTimestamp instanceof Date);
  assert.deepEqual([created.apiVersion, created.kind], [apiVersion, kind]);
  assert.equal((await refusalOf(create({ body: object }))).reason, 'AlreadyExists');
  const listed = await list({ fieldSelector: `metadata.name=${name}` });
  assert.deepEqual(
    listed.items.map((item) => item.metadata.uid),
    [created.metadata.uid],
  );

  const labelled = { ...created, metadata: { ...created.metadata, labels: { step: 'replaced' } } };
  const replaced = await replace({ name, body: labelled });
  assert.equal(replaced.metadata.labels?.['step'], 'replaced');
  assert.equal((await refusalOf(replace({ name, body: labelled }))).reason, 'Conflict');

  const patches: readonly [string, unknown][] = [
    [PatchStrategy.StrategicMergePatch, { metadata: { labels: { step: 'strategic' } } }],
    [PatchStrategy.MergePatch, { metadata: { labels: { step: 'merge' } } }],
    [PatchStrategy.JsonPatch, [{ op: 'replace', path: '/metadata/labels/step', value: 'json' }]],
  ];
  for (const [strategy, change] of patches) {
    const options = setHeaderOptions('Content-Type', strategy);
    const patched = await patch({ name, body: change }, options);
    assert.equal(patched.metadata.labels?.['step'], /(strategic|json-patch|merge)/.exec(strategy)?.[1]?.split('-')[0]);
  }
  const applied = await patch(
    {
      name,
      body: { apiVersion, kind, metadata: { name, labels: { step: 'apply' } } },
      fieldManager: 'client-node-test',
      force: true,
    },
    setHeaderOptions('Content-Type', PatchStrategy.ServerSideApply),
  );
  assert.equal(applied.metadata.labels?.['step'], 'apply');

  await remove({ name, gracePeriodSeconds: 0 });
  if (kind !== 'Namespace') assert.equal((await refusalOf(read({ name }))).code, 404);
}

/** Finds the root that the server trusts, PEM. */
async function serverRoot(): Promise<string> {
  const found = await config
    .makeApiClient(CoreV1Api)
    .readNamespacedConfigMap({ name: 'kube-root-ca.crt', namespace: 'kube-system' });
  const root = found.data?.['ca.crt'];
  assert.ok(root !== undefined);
  return root;
}

test('client-node lives through every kind with its typed API', { concurrency: 4 }, async (t) => {
  const rows = await typedKinds(await serverRoot());
  await Promise.all(rows.map((row) => t.test(`${row.apiVersion} ${row.kind}`, () => liveThrough(row))));
});

const POLICY = {
  apiVersion: 'countersign.dev/v1alpha1',
  kind: 'ApprovalPolicy',
  metadata: { name: 'team' },
  spec: {
    signerNames: ['example.com/serving'],
    requesters: { users: ['jane'] },
    names: { dns: ['a.example.com'] },
    usages: { allowed: ['server auth'] },
  },
};
const POLICIES = { group: 'countersign.dev', version: 'v1alpha1', plural: 'approvalpolicies' };

test('client-node handles kinds of ours as custom objects', async () => {
  const custom = config.makeApiClient(CustomObjectsApi);
  const name = 'team';
  const bad = { ...POLICY, spec: { ...POLICY.spec, signerNames: ['*'] } };
  const refused = await refusalOf(custom.createClusterCustomObject({ ...POLICIES, body: bad }));
  assert.deepEqual([refused.code, refused.reason], [422, 'Invalid']);
  assert.match(refused.message ?? '', /spec\.signerNames\[0\]: Invalid value: "\*"/);

  const made = (await custom.createClusterCustomObject({ ...POLICIES, body: POLICY })) as Made;
  assert.equal(made.metadata.generation, 1);
  const merge = setHeaderOptions('Content-Type', PatchStrategy.MergePatch);
  const change = { spec: { names: { dns: ['b.example.com'] } } };
  const patched = (await custom.patchClusterCustomObject({ ...POLICIES, name, body: change }, merge)) as Made;
  assert.equal(patched.metadata.generation, 2);
  const stale = { ...POLICIES, name, body: made };
  assert.equal((await refusalOf(custom.replaceClusterCustomObject(stale))).reason, 'Conflict');

  const listed = (await custom.listClusterCustomObject(POLICIES)) as MadeList;
  assert.ok(listed.items.some((item) => item.metadata.name === name));
  await custom.deleteClusterCustomObject({ ...POLICIES, name });
  assert.equal((await refusalOf(custom.getClusterCustomObject({ ...POLICIES, name }))).reason, 'NotFound');
  const records = { group: 'countersign.dev', version: 'v1alpha1', plural: 'certificaterecords' };
  assert.deepEqual(((await custom.listClusterCustomObject(records)) as MadeList).items, []);
  const mounted = { group: 'certificates.k8s.io', version: 'v1beta1', plural: 'podcertificaterequests' };
  const inDefault = custom.listNamespacedCustomObject({ ...mounted, namespace: 'default' });
  assert.deepEqual(((await inDefault) as MadeList).items, []);
});

test('client-node creates, reads, patches, lists and deletes objects of any kind by discovery', async () => {
  const objects = KubernetesObjectApi.makeApiClient(config);
  const unknown = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'x' } };
  await assert.rejects(objects.create(unknown), /404|not found|failed/i);
  const metadata = { name: 'by-discovery', namespace: 'default' };
  const rows: readonly KubernetesObject[] = [
    { apiVersion: 'v1', kind: 'ConfigMap', metadata },
    { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata },
    POLICY,
  ];
  for (const row of rows) {
    const made = (await objects.create(row)) as Made;
    const header = { ...row, metadata: { ...row.metadata, name: made.metadata.name ?? '' } };
    assert.equal((await objects.read<Made>(header)).metadata.uid, made.metadata.uid);
    const change = { ...header, metadata: { ...header.metadata, labels: { team: 'a' } } };
    const patched = await objects.patch(change, undefined, undefined, undefined, undefined, PatchStrategy.MergePatch);
    assert.equal(patched.metadata.labels['team'], 'a');
    const found = await objects.list(row.apiVersion ?? '', row.kind ?? '', row.metadata?.namespace);
    assert.ok(found.items.some((item) => item.metadata?.uid === made.metadata.uid));
    await objects.delete(header);
    assert.equal((await refusalOf(objects.read(header))).code, 404);
  }
});

test('client-node reads a list in pages, all of one moment', async () => {
  const core = config.makeApiClient(CoreV1Api);
  await core.createNamespace({ body: { metadata: { name: 'paged' } } });
  const place = { namespace: 'paged' };
  for (const name of ['a', 'b', 'c', 'd'])
    await core.createNamespacedSecret({ ...place, body: { metadata: { name } } });
  const names: (string | undefined)[] = [];
  const versions = new Set<string | undefined>();
  let next = await core.listNamespacedSecret({ ...place, limit: 2 });
  assert.equal(next.metadata?.remainingItemCount, 2);
  await core.createNamespacedSecret({ ...place, body: { metadata: { name: 'aa' } } });
  for (;;) {
    names.push(...next.items.map((item) => item.metadata?.name));
    versions.add(next.metadata?.resourceVersion);
    const _continue = next.metadata?._continue;
    if (_continue === undefined) break;
    next = await core.listNamespacedSecret({ ...place, limit: 2, _continue });
  }
  assert.deepEqual([names, versions.size], [['a', 'b', 'c', 'd'], 1]);
  const bad = core.listNamespacedSecret({ ...place, limit: 2, _continue: 'nonsense' });
  assert.deepEqual((await refusalOf(bad)).code, 400);
  await core.deleteCollectionNamespacedSecret(place);
  assert.deepEqual((await core.listNamespacedSecret(place)).items, []);
});

test('client-node approves, and fetches the certificate as bytes of a chain', async () => {
  const certificates = config.makeApiClient(CertificatesV1Api);
  const body = (await requestObject('by-node', { dns: ['a.example.com'] })) as never;
  const csr = await certificates.createCertificateSigningRequest({ body });
  assert.deepEqual([csr.status?.conditions, csr.spec.username], [undefined, 'kubernetes-admin']);
  const condition = { type: 'Approved', status: 'True', reason: 'ByHand', message: 'looked at' };
  const decided = { ...csr, status: { conditions: [condition] } };
  const unheard = { ...csr, status: { conditions: [{ ...condition, status: 'False' }] } };
  const approve = (given: typeof csr) =>
    certificates.replaceCertificateSigningRequestApproval({ name: 'by-node', body: given });
  assert.equal((await refusalOf(approve(unheard))).code, 422);
  const approved = await approve(decided);
  assert.ok(approved.status?.conditions?.[0]?.lastUpdateTime instanceof Date);
  assert.equal((await refusalOf(approve(decided))).reason, 'Conflict');
  const issued = await new Promise<string>((resolve, reject) => {
    const watch = new Watch(config);
    const path = '/apis/certificates.k8s.io/v1/certificatesigningrequests';
    const started = watch.watch(
      path,
      { fieldSelector: 'metadata.name=by-node' },
      (_type, object: typeof csr) => {
        const certificate = object.status?.certificate;
        if (certificate === undefined) return;
        resolve(certificate);
        void started.then((controller) => controller.abort());
      },
      (error) => reject(new Error(`The watch ended early: ${String(error)}`)),
    );
  });
  const leaf = new X509Certificate(Buffer.from(issued, 'base64'));
  assert.equal(leaf.subjectAltName, 'DNS:a.example.com');
});
