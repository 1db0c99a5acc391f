import { parseAllDocuments } from 'yaml';
import { CountersignError } from '../base/error.js';
import type { Client } from '../client/client.js';
import { resourceType, type ResourceType } from '../client/resource-type.js';
import { APPROVAL_POLICIES, NAMESPACES, PODS, SERVICE_ACCOUNTS, SERVICES } from '../client/resources.js';
import type { KubeObject } from '../kube/object-meta.js';

const RBAC = 'rbac.authorization.k8s.io';

/** What the tutorial creates. */
const KINDS: readonly ResourceType[] = [
  NAMESPACES,
  SERVICE_ACCOUNTS,
  PODS,
  SERVICES,
  APPROVAL_POLICIES,
  resourceType(RBAC, 'v1', 'clusterroles', 'ClusterRole', false),
  resourceType(RBAC, 'v1', 'clusterrolebindings', 'ClusterRoleBinding', false),
];

/** Creates the objects of a YAML text, as `kubectl apply` does where they are new; answers its lines of output. */
export async function createObjects(client: Client, yaml: string): Promise<readonly string[]> {
  const lines: string[] = [];
  for (const document of parseAllDocuments(yaml)) {
    const object = document.toJS() as KubeObject | null; // the tutorial's own text
    if (object === null) continue;
    const resource = KINDS.find(({ kind }) => kind === object.kind);
    if (resource === undefined) {
      throw new CountersignError(
        'CONFIG_INVALID',
        `Cannot create ${object.kind ?? 'object'}: the tutorial knows no such kind`,
      );
    }
    await client.create(resource, object);
    const group = resource.group === '' ? '' : `.${resource.group}`;
    lines.push(`${resource.kind.toLowerCase()}${group}/${object.metadata.name ?? ''} created`);
  }
  return lines;
}
