import type { Requester } from '../../certificates/normalised-request.js';
import { describeIdentity, type Identity } from '../../policy/identity.js';
import type { ExplainedRequester } from './explanation.js';

/** Who asks, what that shows, and why it shows no more. `isHidden`: not all of that may be looked at. */
export function explainRequester(requester: Requester, identity: Identity, isHidden: boolean): ExplainedRequester {
  const { username, groups } = requester;
  if (isHidden) {
    const { identity: kind } = explainIdentity(identity);
    const proves = 'what it can prove is not known: you may not look at it';
    return { username, groups, is: describeIdentity(identity), identity: kind, proves };
  }
  return { username, groups, is: describeIdentity(identity), ...explainIdentity(identity) };
}

function explainIdentity(identity: Identity): Pick<ExplainedRequester, 'identity' | 'notMore' | 'proves'> {
  switch (identity.kind) {
    case 'pod':
      return {
        identity: 'Pod',
        proves: 'its addresses and names, and those of Services that it backs, can be proven',
      };
    case 'serviceAccount':
      return {
        identity: 'ServiceAccount',
        notMore: `it is not known as a pod: ${identity.because}`,
        proves:
          identity.account === undefined
            ? 'nothing can be proven by it'
            : 'its SPIFFE ID can be proven, and no address or DNS name: several pods may share a service account',
      };
    case 'node':
      return {
        identity: 'Node',
        ...(identity.node === undefined ? { notMore: `there is no Node ${identity.nodeName}` } : {}),
        proves:
          identity.node === undefined
            ? 'nothing can be proven by it'
            : 'its own name and the addresses that its Node reports can be proven',
      };
    case 'user':
      return {
        identity: 'User',
        ...(identity.because === undefined
          ? {}
          : { notMore: `it is not known as a service account or a node: ${identity.because}` }),
        proves: 'no name can be proven by that: a policy would have to list the names',
      };
  }
}
