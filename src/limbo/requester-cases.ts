import { withExtra, type IdentityCase } from './identity-case.js';
import { requesterOf } from './shop.js';

/** Who asks is not who it seems. */
export const REQUESTER_CASES: readonly IdentityCase[] = [
  { id: 'identity/honest', title: 'the pod itself', expect: 'approves' },
  {
    id: 'identity/other-pod',
    title: "another pod asks for the victim's Service",
    requester: requesterOf('db'),
    expect: 'denies',
  },
  {
    id: 'identity/no-binding',
    title: 'a service-account token that is bound to no pod',
    requester: { ...requesterOf('web'), extra: {} },
    expect: 'withholds',
    history: 'step-ca: any service account token',
  },
  {
    id: 'identity/pod-name-only',
    title: 'a pod name without its uid',
    requester: withExtra({ 'pod-uid': undefined }),
    expect: 'withholds',
  },
  {
    id: 'identity/pod-uid-only',
    title: 'a pod uid without its name',
    requester: withExtra({ 'pod-name': undefined }),
    expect: 'withholds',
  },
  {
    id: 'identity/two-pods',
    title: 'two pod names in the extra',
    requester: withExtra({ 'pod-name': ['web-1', 'db-1'] }),
    expect: 'withholds',
  },
  {
    id: 'identity/two-pod-uids',
    title: 'two pod uids in the extra',
    requester: withExtra({ 'pod-uid': ['pod-web', 'pod-db'] }),
    expect: 'withholds',
  },
  {
    id: 'identity/no-pod-values',
    title: 'an extra without a value',
    requester: withExtra({ 'pod-name': [] }),
    expect: 'withholds',
  },
  {
    id: 'identity/odd-extra',
    title: 'another extra of the API server with two values',
    requester: withExtra({ 'credential-id': ['JTI=a', 'JTI=b'] }),
    expect: 'withholds',
  },
  {
    id: 'identity/pod-of-other-account',
    title: "a token of one service account, bound to another account's pod",
    requester: withExtra({ 'pod-name': ['db-1'], 'pod-uid': ['pod-db'] }),
    expect: 'withholds',
  },
  {
    id: 'identity/other-namespace',
    title: 'the same account and pod name in another namespace',
    requester: {
      ...requesterOf('web'),
      username: 'system:serviceaccount:evil:web',
      groups: ['system:serviceaccounts', 'system:serviceaccounts:evil'],
    },
    expect: 'withholds',
  },
  {
    id: 'identity/account-uid',
    title: 'the uid of an account that was made anew',
    requester: { ...requesterOf('web'), uid: 'sa-web-before' },
    expect: 'withholds',
  },
  {
    id: 'identity/no-uid',
    title: 'no uid of the account',
    requester: { ...requesterOf('web'), uid: '' },
    expect: 'withholds',
  },
  {
    id: 'identity/no-group',
    title: 'a user called like a service account, without its groups',
    requester: { ...requesterOf('web'), groups: ['system:authenticated'] },
    expect: 'withholds',
    history: 'GHSA-87pw-5j2g-6376: group not checked',
  },
  {
    id: 'identity/group-of-other-namespace',
    title: "the group of another namespace's accounts",
    requester: { ...requesterOf('web'), groups: ['system:serviceaccounts', 'system:serviceaccounts:evil'] },
    expect: 'withholds',
  },
  {
    id: 'identity/impersonated',
    title: 'an administrator who impersonates the account, without its extra',
    requester: { ...requesterOf('web'), uid: '', extra: {} },
    expect: 'withholds',
  },
  {
    id: 'identity/upper-case-user',
    title: 'the user name in capitals',
    requester: { ...requesterOf('web'), username: 'SYSTEM:SERVICEACCOUNT:SHOP:WEB' },
    expect: 'withholds',
  },
  {
    id: 'identity/user-with-colon',
    title: 'an account name with a colon',
    requester: { ...requesterOf('web'), username: 'system:serviceaccount:shop:web:x' },
    expect: 'withholds',
  },
  {
    id: 'identity/node-without-group',
    title: 'a user called like a node, without the group',
    requester: { username: 'system:node:node-a', uid: '', groups: ['system:authenticated'], extra: {} },
    expect: 'withholds',
    history: 'kubelet-csr-approver: group never checked',
  },
  {
    id: 'identity/node',
    title: "a node asks for its pod's name",
    requester: { username: 'system:node:node-a', uid: '', groups: ['system:nodes', 'system:authenticated'], extra: {} },
    expect: 'withholds',
  },
  {
    id: 'identity/person',
    title: 'a person',
    requester: { username: 'martha', uid: '', groups: ['system:authenticated'], extra: {} },
    expect: 'withholds',
  },
  {
    id: 'identity/anonymous',
    title: 'nobody',
    requester: { username: 'system:anonymous', uid: '', groups: ['system:unauthenticated'], extra: {} },
    expect: 'withholds',
  },
  {
    id: 'identity/masters',
    title: 'a superuser: power over the API is no proof of a name',
    requester: { username: 'root', uid: '', groups: ['system:masters', 'system:authenticated'], extra: {} },
    expect: 'withholds',
  },
  {
    id: 'identity/other-node',
    title: 'a token that was issued for another node',
    requester: withExtra({ 'node-name': ['node-b'] }),
    expect: 'withholds',
  },
  {
    id: 'identity/other-node-uid',
    title: 'a token of a node that was made anew',
    requester: withExtra({ 'node-uid': ['node-before'] }),
    expect: 'withholds',
  },
  {
    id: 'identity/prototype',
    title: 'extras called like properties that every object has',
    requester: { ...requesterOf('web'), extra: { constructor: ['x'], toString: ['y'] } },
    expect: 'withholds',
  },
];
