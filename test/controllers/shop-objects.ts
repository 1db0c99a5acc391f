import type { KubeObject } from '../../src/kube/object-meta.js';

// The small cluster of policy/testing/world.ts as objects of the API: in namespace `shop`, pod `web-7f` runs as service
// account `web` on node `node-a` and backs Service `web`.

/** An object, and where the API has it. */
export interface PlacedObject {
  readonly path: string;
  readonly object: KubeObject;
}

const SHOP = '/api/v1/namespaces/shop';

/** Namespace `shop`. */
export const NAMESPACE: PlacedObject = {
  path: SHOP,
  object: { metadata: { name: 'shop', uid: 'uid-ns-shop', labels: { team: 'shop' } } },
};

/** Service account `web`. */
export const ACCOUNT: PlacedObject = {
  path: `${SHOP}/serviceaccounts/web`,
  object: { metadata: { namespace: 'shop', name: 'web', uid: 'uid-sa-web' } },
};

/** Node `node-a`. */
export const NODE: PlacedObject = {
  path: '/api/v1/nodes/node-a',
  object: {
    metadata: { name: 'node-a', uid: 'uid-node-a' },
    ...{ status: { addresses: [{ type: 'InternalIP', address: '192.168.7.11' }] } },
  },
};

/** Pod `web-7f` with this address; the empty one is none yet. */
export function podObject(ip = '10.0.34.2', name = 'web-7f'): PlacedObject {
  return {
    path: `${SHOP}/pods/${name}`,
    object: {
      metadata: { namespace: 'shop', name, uid: `uid-pod-${name}`, labels: { app: 'web' } },
      ...{
        spec: { serviceAccountName: 'web', nodeName: 'node-a' },
        status: {
          phase: 'Running',
          hostIPs: [{ ip: '192.168.7.11' }],
          ...(ip === '' ? {} : { podIPs: [{ ip }] }),
        },
      },
    },
  };
}

/** Service `web`, which selects the pod. */
export const SERVICE: PlacedObject = {
  path: `${SHOP}/services/web`,
  object: {
    metadata: { namespace: 'shop', name: 'web', uid: 'uid-svc-web' },
    ...{ spec: { type: 'ClusterIP', selector: { app: 'web' }, clusterIP: '172.20.0.9', clusterIPs: ['172.20.0.9'] } },
  },
};

/** The slice of Service `web` in which the pod stands. */
export const SLICE: PlacedObject = {
  path: '/apis/discovery.k8s.io/v1/namespaces/shop/endpointslices/web-x2k9p',
  object: {
    metadata: {
      namespace: 'shop',
      name: 'web-x2k9p',
      uid: 'uid-slice-web',
      ownerReferences: [{ apiVersion: 'v1', kind: 'Service', name: 'web', uid: 'uid-svc-web', controller: true }],
    },
    ...{ endpoints: [{ addresses: ['10.0.34.2'], targetRef: { kind: 'Pod', name: 'web-7f', uid: 'uid-pod-web-7f' } }] },
  },
};

/** All of it. */
export const SHOP_OBJECTS: readonly PlacedObject[] = [NAMESPACE, ACCOUNT, NODE, podObject(), SERVICE, SLICE];
