import type {
  CertificateSigningRequest,
  CertificateSigningRequestCondition,
} from '../../src/certificates/certificate-signing-request.js';
import { APPROVED, APPROVED_BY_POLICY, conditionOf, DENIED } from '../../src/certificates/conditions.js';
import type { MemoryApi } from '../../src/client/testing/memory-api.js';
import type { RaceAct } from '../../src/limbo/race-case.js';
import { ACCOUNT, NAMESPACE, NODE, podObject, SERVICE, SLICE, type PlacedObject } from '../controllers/shop-objects.js';

/** Where the API has requests. */
export const CSRS = '/apis/certificates.k8s.io/v1/certificatesigningrequests';
/** Where the API has records. */
export const RECORDS = '/apis/countersign.dev/v1alpha1/certificaterecords';

const SHOP = '/api/v1/namespaces/shop';
const WEB = `${CSRS}/web`;
const POD = podObject();

/** Pod `db-1` with this address, of service account `db`. */
function dbPod(ip: string): PlacedObject {
  return {
    path: `${SHOP}/pods/db-1`,
    object: {
      metadata: { namespace: 'shop', name: 'db-1', uid: 'uid-pod-db-1', labels: { app: 'db' } },
      ...{ spec: { serviceAccountName: 'db', nodeName: 'node-a' }, status: { phase: 'Running', podIPs: [{ ip }] } },
    },
  };
}

const DB_ACCOUNT: PlacedObject = {
  path: `${SHOP}/serviceaccounts/db`,
  object: { metadata: { namespace: 'shop', name: 'db', uid: 'uid-sa-db' } },
};

/** Everything that is there before a race begins. */
export const RACE_OBJECTS: readonly PlacedObject[] = [
  NAMESPACE,
  ACCOUNT,
  DB_ACCOUNT,
  NODE,
  POD,
  dbPod('10.0.34.8'),
  SERVICE,
  SLICE,
];

/** Does something to the world. What only processes can do, or time, is done elsewhere. */
export const ACTS: Readonly<Record<Exclude<RaceAct, 'leader-changes' | 'silence'>, (api: MemoryApi) => void>> = {
  'pod-ends': (api) => change(api, POD.path, { metadata: { deletionTimestamp: '2023-11-14T22:13:21Z' } }),
  'pod-goes': (api) => api.remove(POD.path),
  'pod-is-replaced': (api) => replace(api, POD.path, 'uid-pod-new'),
  'address-comes': (api) => put(api, podObject()),
  'address-goes': (api) => put(api, podObject('')),
  'address-changes': (api) => put(api, podObject('10.0.34.3')),
  'address-is-taken': (api) => put(api, dbPod('10.0.34.2')),
  'address-moves': (api) => {
    put(api, podObject('10.0.34.3'));
    put(api, dbPod('10.0.34.2'));
  },
  'selector-turns-away': (api) => change(api, SERVICE.path, { spec: { selector: { app: 'db' } } }),
  'selector-turns-back': (api) => put(api, SERVICE),
  'service-is-replaced': (api) => replace(api, SERVICE.path, 'uid-svc-new'),
  'slice-comes': (api) => put(api, SLICE),
  'slice-goes': (api) => api.remove(SLICE.path),
  'account-goes': (api) => api.remove(ACCOUNT.path),
  'account-is-replaced': (api) => replace(api, ACCOUNT.path, 'uid-sa-new'),
  'person-approves': (api) => decide(api, { type: APPROVED, status: 'True', reason: 'KubectlApprove' }),
  'person-denies': (api) => decide(api, { type: DENIED, status: 'True', reason: 'KubectlDeny' }),
  'approval-is-forged': (api) =>
    decide(api, {
      type: APPROVED,
      status: 'True',
      reason: APPROVED_BY_POLICY,
      message: 'forged',
      lastUpdateTime: '2023-11-14T22:13:20Z',
    }),
  'label-changes': (api) => {
    const labels = { turn: String(api.resourceVersion) };
    if (api.objects.has(WEB)) change(api, WEB, { metadata: { labels } });
  },
  'request-goes': (api) => api.remove(WEB),
  'request-is-replaced': (api) => {
    const csr = requestAt(api);
    if (csr === undefined) return;
    api.remove(WEB);
    api.put(WEB, { ...csr, metadata: { ...csr.metadata, uid: 'uid-csr-new', labels: {} }, ...{ status: {} } });
  },
};

function put(api: MemoryApi, { path, object }: PlacedObject): void {
  api.put(path, object);
}

/** Merges one level of `parts` into an object. */
function change(api: MemoryApi, path: string, parts: Readonly<Record<string, object>>): void {
  const object = api.objects.get(path);
  if (object === undefined) return;
  const before = object as unknown as Readonly<Record<string, object | undefined>>; // its fields by their names
  const merged = Object.entries(parts).map(([name, part]) => [name, { ...before[name], ...part }]);
  api.put(path, { ...object, ...(Object.fromEntries(merged) as object) });
}

function replace(api: MemoryApi, path: string, uid: string): void {
  const object = api.objects.get(path);
  if (object === undefined) return;
  api.remove(path);
  api.put(path, { ...object, metadata: { ...object.metadata, uid } });
}

function requestAt(api: MemoryApi): CertificateSigningRequest | undefined {
  return api.objects.get(WEB) as CertificateSigningRequest | undefined; // nothing else is stored there
}

function decide(api: MemoryApi, condition: CertificateSigningRequestCondition): void {
  const csr = requestAt(api);
  if (csr === undefined || conditionOf(csr, APPROVED) !== undefined || conditionOf(csr, DENIED) !== undefined) return;
  const conditions = [...(csr.status.conditions ?? []), condition];
  api.put(WEB, { ...csr, ...{ status: { ...csr.status, conditions } } });
}
