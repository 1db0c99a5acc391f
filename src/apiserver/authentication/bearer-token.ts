import type { Headers } from '../../kube/exchange.js';

/**
 * The token of an `Authorization: Bearer` header; undefined where there is none. The scheme's case does not matter,
 * and the token is the second word. Other schemes, such as Basic, are none of ours.
 */
export function bearerTokenOf(headers: Headers): string | undefined {
  const header = headers['authorization'];
  const value = typeof header === 'string' ? header : header?.[0];
  if (value === undefined) return undefined;
  const [scheme, token] = value.trim().split(' ', 2);
  return scheme?.toLowerCase() === 'bearer' && token !== undefined && token !== '' ? token : undefined;
}
