import { lowerAscii } from '../certificates/normalised-request.js';
import { contradicted, evidenceOf, objectText, unknown, type ProofContext } from './proof-context.js';
import type { NameVerdict } from './verdict.js';

const SCHEME = 'spiffe://';

/** Whether a URI claims to be a SPIFFE ID, in whatever spelling. */
export function isSpiffeId(uri: string): boolean {
  return lowerAscii(uri.slice(0, SCHEME.length)) === SCHEME;
}

/**
 * `spiffe://<trust domain>/ns/<namespace>/sa/<account>` belongs to that service account, also without a pod. Every other
 * spelling, path and trust domain is somebody else's.
 */
export function proveSpiffe(uri: string, { identity, settings }: ProofContext): NameVerdict {
  if (identity.kind === 'user' || identity.kind === 'node') {
    return contradicted('a SPIFFE ID belongs to a service account');
  }
  const { namespace, name } =
    identity.kind === 'pod' ? { namespace: identity.pod.namespace, name: identity.account.name } : identity;
  const text = objectText('service account', { namespace, name });
  const own = `${SCHEME}${settings.trustDomain}/ns/${namespace}/sa/${name}`;
  if (uri !== own) return contradicted(`the SPIFFE ID of ${text} is ${own}`);
  const { account } = identity;
  if (account === undefined)
    return unknown(`${text} is not live${'because' in identity ? `: ${identity.because}` : ''}`);
  return {
    kind: 'proven',
    grantedBy: 'SPIFFE',
    because: `it is the SPIFFE ID of ${text}`,
    evidence: [evidenceOf('ServiceAccount', account)],
  };
}
