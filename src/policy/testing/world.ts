import type { Requester } from '../../certificates/normalised-request.js';
import { createFactStore, type FactStore } from '../fact-store.js';
import type {
  EndpointSliceFacts,
  NamespaceFacts,
  NodeFacts,
  PodFacts,
  ServiceAccountFacts,
  ServiceFacts,
} from '../facts.js';

// One small cluster that tests share: in namespace `shop`, pod `web-7f` runs as service account `web` on node `node-a` and
// backs Service `web`. Tests that need something else spread these and change a field.

/** Namespace `shop`. */
export const NAMESPACE: NamespaceFacts = {
  name: 'shop',
  uid: 'uid-ns-shop',
  resourceVersion: '101',
  labels: { 'kubernetes.io/metadata.name': 'shop', team: 'shop' },
  deleting: false,
};

/** Service account `web`. */
export const ACCOUNT: ServiceAccountFacts = {
  name: 'web',
  namespace: 'shop',
  uid: 'uid-sa-web',
  resourceVersion: '102',
  deleting: false,
};

/** Node `node-a`. */
export const NODE: NodeFacts = {
  name: 'node-a',
  uid: 'uid-node-a',
  resourceVersion: '103',
  ips: ['192.168.7.11'],
  dnsNames: ['node-a', 'node-a.example.net'],
  deleting: false,
};

/** Pod `web-7f`, which runs and has the address 10.0.34.2. */
export const POD: PodFacts = {
  name: 'web-7f',
  namespace: 'shop',
  uid: 'uid-pod-web-7f',
  resourceVersion: '104',
  labels: { app: 'web' },
  serviceAccountName: 'web',
  nodeName: 'node-a',
  hostNetwork: false,
  hostname: '',
  subdomain: '',
  phase: 'Running',
  deleting: false,
  ips: ['10.0.34.2'],
  hostIPs: ['192.168.7.11'],
};

/** Service `web`, which selects the pod and has the cluster IP 172.20.0.9. */
export const SERVICE: ServiceFacts = {
  name: 'web',
  namespace: 'shop',
  uid: 'uid-svc-web',
  resourceVersion: '105',
  type: 'ClusterIP',
  selector: { app: 'web' },
  headless: false,
  clusterIPs: ['172.20.0.9'],
  externalIPs: [],
  ingressIPs: [],
  ingressHostnames: [],
  deleting: false,
};

/** The slice of Service `web` in which the pod stands. */
export const SLICE: EndpointSliceFacts = {
  name: 'web-x2k9p',
  namespace: 'shop',
  uid: 'uid-slice-web',
  resourceVersion: '106',
  serviceUid: 'uid-svc-web',
  podUids: ['uid-pod-web-7f'],
  addresses: ['10.0.34.2'],
};

/** The service account, as the API server writes it. */
export const ACCOUNT_REQUESTER: Requester = {
  username: 'system:serviceaccount:shop:web',
  uid: 'uid-sa-web',
  groups: ['system:serviceaccounts', 'system:serviceaccounts:shop', 'system:authenticated'],
  extra: {},
};

/** The pod, by a token that is bound to it. */
export const POD_REQUESTER: Requester = {
  ...ACCOUNT_REQUESTER,
  extra: {
    'authentication.kubernetes.io/credential-id': ['JTI=7ee52be0-9045-4653-aa5e-0da57b8dccdc'],
    'authentication.kubernetes.io/node-name': ['node-a'],
    'authentication.kubernetes.io/node-uid': ['uid-node-a'],
    'authentication.kubernetes.io/pod-name': ['web-7f'],
    'authentication.kubernetes.io/pod-uid': ['uid-pod-web-7f'],
  },
};

/** The kubelet of `node-a`. */
export const NODE_REQUESTER: Requester = {
  username: 'system:node:node-a',
  uid: '',
  groups: ['system:nodes', 'system:authenticated'],
  extra: {},
};

/** A person. */
export const USER_REQUESTER: Requester = {
  username: 'martha',
  uid: '',
  groups: ['platform', 'system:authenticated'],
  extra: {},
};

/** Facts that know all of this, and what a test changes of it. */
export function shopFacts(change: (facts: FactStore) => void = () => undefined): FactStore {
  const facts = createFactStore();
  facts.set('Namespace', NAMESPACE);
  facts.set('ServiceAccount', ACCOUNT);
  facts.set('Node', NODE);
  facts.set('Pod', POD);
  facts.set('Service', SERVICE);
  facts.set('EndpointSlice', SLICE);
  change(facts);
  return facts;
}
