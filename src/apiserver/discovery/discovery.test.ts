import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { createReviews } from '../reviews/create-reviews.js';
import { tokenRequestSchema } from '../reviews/authentication-schemas.js';
import { createResources } from '../../registry/resources.js';
import type { Resource } from '../../registry/resource.js';
import { createDiscovery, type Discovery } from './discovery.js';
import { compareGroups, compareVersions } from './group-order.js';

const unused = (): Promise<never> => Promise.reject(new Error('discovery asks nobody'));

const resources: readonly Resource[] = createResources({
  requestVerifier: { verify: unused },
  serviceAccountToken: {
    kind: 'create',
    group: 'authentication.k8s.io',
    version: 'v1',
    requestKind: 'TokenRequest',
    schema: tokenRequestSchema,
    create: unused,
  },
});

function discovery(): Discovery {
  const reviews = createReviews({
    authorizer: { authorize: unused },
    rules: { rulesFor: unused },
    tokens: { authenticateToken: unused },
    apiAudiences: [],
  } as unknown as Parameters<typeof createReviews>[0]); // discovery only looks at what they are called
  return createDiscovery({ resources, reviews, digest: (bytes) => createHash('sha512').update(bytes).digest() });
}

interface Step {
  readonly method: string;
  readonly path: string;
  readonly compare?: readonly string[];
}

interface Conversation {
  readonly name: string;
  readonly steps: readonly Step[];
  readonly answers: readonly { readonly body: Readonly<Record<string, unknown>> }[];
}

/** Recorded with a real API server; see SOURCE.md beside them. */
const conversations = JSON.parse(
  readFileSync(new URL('../../../test/acceptance/conversations.json', import.meta.url), 'utf8'),
) as readonly Conversation[];

/** What belongs to a later version. */
const NOT_SERVED = ['/apis/discovery.k8s.io/v1'];

for (const { name, steps, answers } of conversations) {
  if (!name.startsWith('discovery of')) continue;
  steps.forEach((step, i) => {
    if (NOT_SERVED.includes(step.path)) return;
    test(`answers ${step.path} as the real API server does`, () => {
      const [, root = '', group = '', version = ''] = step.path.split('/');
      const served = discovery();
      const document =
        root === 'api'
          ? served.legacyVersions('127.0.0.1:6443')
          : version === ''
            ? served.group(group)
            : served.resources(group, version);
      const body = document as Readonly<Record<string, unknown>>;
      const compared = step.compare === undefined ? body : Object.fromEntries(step.compare.map((k) => [k, body[k]]));
      assert.deepEqual(compared, answers[i]?.body);
    });
  });
}

test('knows nothing of groups and versions that are not served', () => {
  const served = discovery();
  assert.equal(served.group('apps'), undefined);
  assert.equal(served.group(''), undefined);
  assert.equal(served.resources('', 'v2'), undefined);
  assert.equal(served.resources('certificates.k8s.io', 'v1beta2'), undefined);
});

test('tells the core group by its missing apiVersion, and its resources by name', () => {
  const { resources: listed, ...head } = discovery().resources('', 'v1') as {
    readonly resources: readonly { readonly name: string }[];
  };
  assert.deepEqual(head, { kind: 'APIResourceList', groupVersion: 'v1' });
  assert.deepEqual(
    listed.map((r) => r.name),
    [
      'configmaps',
      'endpoints',
      'events',
      'namespaces',
      'namespaces/finalize',
      'namespaces/status',
      'nodes',
      'nodes/status',
      'pods',
      'pods/status',
      'secrets',
      'serviceaccounts',
      'serviceaccounts/token',
      'services',
      'services/status',
    ],
  );
  assert.deepEqual(
    listed.find((r) => r.name === 'serviceaccounts/token'),
    {
      name: 'serviceaccounts/token',
      singularName: '',
      namespaced: true,
      group: 'authentication.k8s.io',
      version: 'v1',
      kind: 'TokenRequest',
      verbs: ['create'],
    },
  );
  const namespaces = listed.find((r) => r.name === 'namespaces') as unknown as { verbs: string[] };
  assert.deepEqual(namespaces.verbs, ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch']);
});

test('lists groups in the order of the real API server', () => {
  const { groups } = discovery().groups() as { readonly groups: readonly { readonly name: string }[] };
  assert.deepEqual(
    groups.map((g) => g.name),
    [
      'events.k8s.io',
      'authentication.k8s.io',
      'authorization.k8s.io',
      'certificates.k8s.io',
      'rbac.authorization.k8s.io',
      'coordination.k8s.io',
      'discovery.k8s.io',
      'countersign.dev',
    ],
  );
  assert.deepEqual(groups[3], {
    name: 'certificates.k8s.io',
    versions: ['v1', 'v1beta1', 'v1alpha1'].map((version) => ({
      groupVersion: `certificates.k8s.io/${version}`,
      version,
    })),
    preferredVersion: { groupVersion: 'certificates.k8s.io/v1', version: 'v1' },
  });
});

test('sorts unknown groups after known ones, and versions with the stable and newest first', () => {
  const groups = ['zoo.example', 'rbac.authorization.k8s.io', 'apps', 'bar.example', ''];
  assert.deepEqual(groups.toSorted(compareGroups), [
    '',
    'apps',
    'rbac.authorization.k8s.io',
    'bar.example',
    'zoo.example',
  ]);
  const versions = ['foo', 'v1alpha1', 'v10', 'v1beta1', 'bar', 'v2', 'v1beta2', 'v1', 'v2alpha1'];
  assert.deepEqual(versions.toSorted(compareVersions), [
    'v10',
    'v2',
    'v1',
    'v1beta2',
    'v1beta1',
    'v2alpha1',
    'v1alpha1',
    'bar',
    'foo',
  ]);
});

interface AggregatedDocument {
  readonly kind: string;
  readonly apiVersion: string;
  readonly metadata: object;
  readonly items: readonly {
    readonly metadata: { readonly name?: string };
    readonly versions: readonly {
      readonly version: string;
      readonly freshness: string;
      readonly resources: readonly { readonly resource: string }[];
    }[];
  }[];
}

function aggregated(root: 'core' | 'groups'): AggregatedDocument {
  return JSON.parse(Buffer.from(discovery().aggregated(root).body).toString()) as AggregatedDocument;
}

test('aggregates groups, with kinds that are never null', () => {
  const document = aggregated('groups');
  assert.equal(document.kind, 'APIGroupDiscoveryList');
  assert.equal(document.apiVersion, 'apidiscovery.k8s.io/v2');
  assert.deepEqual(document.metadata, {});
  const group = document.items.find((item) => item.metadata.name === 'certificates.k8s.io');
  const csrKind = { group: '', version: '', kind: 'CertificateSigningRequest' };
  const verbs = ['get', 'patch', 'update'];
  assert.deepEqual(group?.versions.slice(0, 1), [
    {
      version: 'v1',
      freshness: 'Current',
      resources: [
        {
          resource: 'certificatesigningrequests',
          responseKind: csrKind,
          scope: 'Cluster',
          singularResource: 'certificatesigningrequest',
          verbs: ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'],
          shortNames: ['csr'],
          subresources: [
            { subresource: 'approval', responseKind: csrKind, verbs },
            { subresource: 'status', responseKind: csrKind, verbs },
          ],
        },
      ],
    },
  ]);
});

test('aggregates the core group without a name', () => {
  const { items } = aggregated('core');
  assert.deepEqual(
    items.map((item) => item.metadata),
    [{}],
  );
  assert.deepEqual(
    items.flatMap((item) => item.versions.flatMap((v) => v.resources.map((r) => r.resource))),
    ['configmaps', 'endpoints', 'events', 'namespaces', 'nodes', 'pods', 'secrets', 'serviceaccounts', 'services'],
  );
});

test('the aggregated form carries the parameters and the hash by which clients know it', () => {
  const served = discovery();
  const { body, etag, contentType } = served.aggregated('groups');
  assert.equal(contentType, 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList');
  assert.equal(etag, `"${createHash('sha512').update(body).digest('hex').toUpperCase()}"`);
  assert.equal(served.aggregated('groups'), served.aggregated('groups'));
  assert.notEqual(served.aggregated('core').etag, etag);
});
