import type { RequestInfo } from '../routing/request-info.js';
import type { Route } from '../routing/route-table.js';
import type { RequestLabels } from './server-metrics.js';

const VERBS: Readonly<Record<string, string>> = {
  get: 'GET',
  list: 'LIST',
  watch: 'WATCH',
  create: 'POST',
  update: 'PUT',
  patch: 'PATCH',
  delete: 'DELETE',
  deletecollection: 'DELETECOLLECTION',
};

const NO_RESOURCE = { group: '', version: '', resource: '', subresource: '', scope: '' } as const;

/** What a request counts as. What is not served counts as nothing in particular: its words are the client's. */
export function labelsOf(info: RequestInfo, route: Route | undefined): RequestLabels {
  if (info.kind === 'path') {
    return { ...NO_RESOURCE, verb: info.method === 'GET' ? 'GET' : 'OTHER', dryRun: false };
  }
  const verb = (Object.hasOwn(VERBS, info.verb) ? VERBS[info.verb] : undefined) ?? 'OTHER'; // any word may be a verb
  if (route === undefined || route.kind === 'unknown-group' || route.kind === 'unknown-resource') {
    return { ...NO_RESOURCE, verb, dryRun: false };
  }
  const { group, version, resource, subresource, namespace, name } = info;
  const scope = name !== '' ? 'resource' : namespace !== '' ? 'namespace' : 'cluster';
  return { verb, group, version, resource, subresource, scope, dryRun: info.query.has('dryRun') };
}
