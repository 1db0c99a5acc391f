import { apiVersionOf, type GroupVersionResource, type KubeObject } from '../kube/object-meta.js';

declare const objectType: unique symbol;

/** One kind of object the API serves, and the TypeScript shape of its objects. A value, so that calls infer `T`. */
export interface ResourceType<T extends KubeObject = KubeObject> extends GroupVersionResource {
  readonly kind: string;
  readonly namespaced: boolean;
  /** Carries `T`; never set. */
  readonly [objectType]?: T;
}

/** Names a resource of the API: `resourceType<ConfigMap>('', 'v1', 'configmaps', 'ConfigMap', true)`. */
export function resourceType<T extends KubeObject>(
  group: string,
  version: string,
  resource: string,
  kind: string,
  namespaced: boolean,
): ResourceType<T> {
  return { group, version, resource, kind, namespaced };
}

/** Where the objects of a resource live: `/api/v1/namespaces/NS/configmaps/NAME/SUBRESOURCE`. */
export function pathOf(resource: ResourceType, namespace: string, name = '', subresource = ''): string {
  const root = resource.group === '' ? '/api/' : '/apis/';
  let path = root + apiVersionOf(resource.group, resource.version);
  if (resource.namespaced && namespace !== '') path += `/namespaces/${encodeURIComponent(namespace)}`;
  path += `/${resource.resource}`;
  if (name !== '') path += `/${encodeURIComponent(name)}`;
  if (subresource !== '') path += `/${subresource}`;
  return path;
}
