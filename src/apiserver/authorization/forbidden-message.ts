import { failure, forbidden, StatusError } from '../../kube/status.js';
import type { Attributes, Decision } from './authorizer.js';

/** What a user may not do, in the API server's words; `&`, `<` and `>` are HTML-escaped as there. */
export function forbiddenMessage(a: Attributes): string {
  const user = `User ${JSON.stringify(a.user.username)} cannot ${a.verb}`;
  if (a.kind === 'path') return escaped(`${user} path ${JSON.stringify(a.path)}`);
  const resource = a.subresource === '' ? a.resource : `${a.resource}/${a.subresource}`;
  const scope = a.namespace === '' ? 'at the cluster scope' : `in the namespace ${JSON.stringify(a.namespace)}`;
  return escaped(`${user} resource ${JSON.stringify(resource)} in API group ${JSON.stringify(a.group)} ${scope}`);
}

/** The 403 for a request that nothing allows. The authorizer's reason stands behind the message. */
export function forbiddenRequest(a: Attributes, decision: Decision): StatusError {
  const message = forbiddenMessage(a);
  const why = decision.reason === '' ? message : `${message}: ${decision.reason}`;
  if (a.kind === 'path') return new StatusError(failure(403, 'Forbidden', `forbidden: ${why}`, {}));
  return forbidden({ group: a.group, resource: a.resource }, a.name, why);
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
