import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse, parseAllDocuments } from 'yaml';
import type { KubeObject } from '../../src/kube/object-meta.js';
import type { PolicyRule } from '../../src/registry/roles/validate-rules.js';
import { type ControlBench, openBench } from '../controllers/control-bench.js';

const DEPLOY = fileURLToPath(new URL('../../deploy/', import.meta.url));

/** Where the kinds live that the embedded server serves; the others are looked at, and not applied. */
const PATHS: Readonly<Record<string, (namespace: string) => string>> = {
  Namespace: () => '/api/v1/namespaces',
  ServiceAccount: (namespace) => `/api/v1/namespaces/${namespace}/serviceaccounts`,
  ClusterRole: () => '/apis/rbac.authorization.k8s.io/v1/clusterroles',
  ClusterRoleBinding: () => '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings',
  Role: (namespace) => `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}/roles`,
  RoleBinding: (namespace) => `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}/rolebindings`,
};

/** A container of a Deployment. */
export interface Container {
  readonly args: readonly string[];
  readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
  readonly livenessProbe: HttpProbe;
  readonly readinessProbe: HttpProbe;
}

interface HttpProbe {
  readonly httpGet: { readonly path: string; readonly port: string };
}

/** A Deployment, as far as tests look into it. */
export interface Deployment extends KubeObject {
  readonly spec: {
    readonly template: {
      readonly metadata: { readonly annotations: Readonly<Record<string, string>> };
      readonly spec: {
        readonly serviceAccountName: string;
        readonly containers: readonly Container[];
        readonly volumes: readonly { readonly secret: { readonly secretName: string } }[];
      };
    };
  };
}

/** A ClusterRole of the manifests. */
export interface ManifestRole extends KubeObject {
  readonly rules: readonly PolicyRule[];
}

/** A folder of manifests: `''` is deploy/ itself, others are within it. */
export interface ManifestFolder {
  readonly path: string;
  /** What its kustomization names: files, and folders. */
  readonly resources: readonly string[];
  /** Every object of its own files, in the order of the kustomization. */
  readonly objects: readonly KubeObject[];
}

/** Reads a folder of manifests. */
export function readManifests(folder: string): ManifestFolder {
  const path = DEPLOY + folder;
  // The files are ours, and tests look at them.
  const { resources } = parse(readFileSync(`${path}kustomization.yaml`, 'utf8')) as Pick<ManifestFolder, 'resources'>;
  const objects = resources
    .filter((resource) => resource.endsWith('.yaml'))
    .flatMap((file) =>
      parseAllDocuments(readFileSync(path + file, 'utf8')).map((document) => document.toJS() as KubeObject),
    );
  return { path, resources, objects };
}

/** The only object of a kind, or the one of that name. */
export function only({ objects }: ManifestFolder, kind: string, name?: string): KubeObject {
  const [found, ...more] = objects.filter(
    (object) => object.kind === kind && (name === undefined || object.metadata.name === name),
  );
  assert.ok(found !== undefined && more.length === 0, `there is one ${kind} ${name ?? ''}`);
  return found;
}

/** Checks that kubelet and Prometheus ask a Deployment's pods where they listen. */
export function assertObserved(deployment: Deployment): void {
  const { metadata, spec } = deployment.spec.template;
  const [container, ...others] = spec.containers;
  assert.ok(container !== undefined && others.length === 0);
  const { args, ports, livenessProbe, readinessProbe } = container;
  const [port] = ports;
  assert.equal(port?.name, 'metrics');
  assert.ok(args.includes(`--metrics-listen=0.0.0.0:${port.containerPort}`));
  assert.deepEqual(livenessProbe.httpGet, { path: '/healthz', port: port.name });
  assert.deepEqual(readinessProbe.httpGet, { path: '/readyz', port: port.name });
  assert.deepEqual(metadata.annotations, {
    'prometheus.io/scrape': 'true',
    'prometheus.io/port': String(port.containerPort),
    'prometheus.io/path': '/metrics',
  });
}

/** A server on which what it serves of the folders is applied. */
export async function openApplied(...folders: readonly string[]): Promise<ControlBench> {
  const b = await openBench();
  await b.server.ask({ method: 'POST', path: '/api/v1/namespaces', body: { metadata: { name: 'kube-public' } } });
  for (const object of folders.flatMap((folder) => readManifests(folder).objects)) {
    const path = PATHS[object.kind ?? ''];
    if (path === undefined) continue;
    const answer = await b.server.ask({ method: 'POST', path: path(object.metadata.namespace ?? ''), body: object });
    const isThere = answer.status === 409 && object.kind === 'Namespace'; // folders share theirs
    assert.ok(answer.status === 201 || isThere, answer.text);
  }
  return b;
}

/** Something that somebody may try. */
export interface Attempt {
  readonly name: string;
  readonly method: string;
  readonly path: string;
}

/** What becomes of an attempt by a service account: an HTTP status. */
export async function statusOf(
  b: ControlBench,
  { method, path }: Attempt,
  as: string,
  groups: readonly string[],
): Promise<number> {
  const answer = await b.server.ask({
    method,
    path,
    ...(method === 'GET' ? {} : { body: {} }),
    ...(method === 'PATCH' ? { headers: { 'content-type': 'application/merge-patch+json' } } : {}),
    as,
    groups,
  });
  return answer.status;
}

/** Every single permission of some rules, sorted: `verb resource.group` and, where there is one, a name. */
export function permissionsOf(rules: readonly PolicyRule[]): readonly string[] {
  return rules
    .flatMap(({ verbs, apiGroups = [], resources = [], resourceNames = [''] }) =>
      apiGroups.flatMap((group) =>
        resources.flatMap((resource) =>
          resourceNames.flatMap((name) => (verbs ?? []).map((verb) => `${verb} ${resource}.${group} ${name}`)),
        ),
      ),
    )
    .sort();
}
