import { createSoftwareCustody } from '../../src/authority/key-custody.js';
import { cn, testKey } from '../../src/authority/testing/test-certificates.js';
import { utf8 } from '../../src/base/bytes.js';
import { toBase64 } from '../../src/base/base64.js';
import { FakeClock } from '../../src/base/fake-clock.js';
import type { ApprovalPolicy } from '../../src/certificates/approval-policy.js';
import type { CertificateRecord } from '../../src/certificates/certificate-record.js';
import type { CertificateSigningRequest } from '../../src/certificates/certificate-signing-request.js';
import type { Requester } from '../../src/certificates/normalised-request.js';
import { createClient } from '../../src/client/client.js';
import type { EventRecorder } from '../../src/client/event-recorder.js';
import { createMemoryApi, type MemoryApi } from '../../src/client/testing/memory-api.js';
import { halfRandom } from '../../src/client/testing/settle.js';
import { createCertificationRequest } from '../../src/crypto/certification-request.js';
import { createRequestVerifier } from '../../src/crypto/request-verifier.js';
import type { Transport } from '../../src/kube/exchange.js';
import { DEFAULT_SETTINGS } from '../../src/policy/settings.js';
import { policyOf, scriptedEngine } from '../../src/policy/testing/policies.js';
import { POD_REQUESTER } from '../../src/policy/testing/world.js';
import type { GeneralName } from '../../src/x509/general-name.js';
import type { NameInput } from '../../src/x509/name.js';
import { encodePem } from '../../src/x509/pem.js';
import { createFactCaches } from '../../src/controllers/facts/fact-caches.js';
import type { Controller } from '../../src/controllers/runtime/controller.js';
import { runControllers } from '../../src/controllers/runtime/run-controllers.js';
import { createApprover } from '../../src/controllers/approver/approver.js';
import { createPolicyCache } from '../../src/controllers/approver/policy-source.js';
import { createPolicyStatus } from '../../src/controllers/approver/policy-status.js';
import { keepingLogger, type Line } from './control-bench.js';
import { SHOP_OBJECTS, type PlacedObject } from './shop-objects.js';

const CSRS = '/apis/certificates.k8s.io/v1/certificatesigningrequests';
const POLICIES = '/apis/countersign.dev/v1alpha1/approvalpolicies';
const RECORDS = '/apis/countersign.dev/v1alpha1/certificaterecords';

/** A request of a test. */
export interface Wanted {
  readonly requester?: Requester;
  readonly dns?: readonly string[];
  readonly ips?: readonly Uint8Array[];
  /** Default: a common name, the first DNS name. */
  readonly subject?: NameInput;
  readonly signerName?: string;
  readonly usages?: readonly string[];
  /** Name of its key. Default: that of the request. */
  readonly key?: string;
  /** Instead of all that: what spec.request holds. */
  readonly request?: string;
}

/** An approver beside an API in memory. */
export interface ApproverBench {
  readonly api: MemoryApi;
  readonly clock: FakeClock;
  readonly lines: Line[];
  /** Events as `NAME REASON: MESSAGE`. */
  readonly told: string[];
  /** Names of requests, as the approver looked at them. */
  readonly looked: string[];
  readonly put: (placed: PlacedObject) => void;
  readonly policy: (policy: ApprovalPolicy) => void;
  readonly policyStatus: (name: string) => ApprovalPolicy['status'];
  readonly ask: (name: string, wanted?: Wanted) => Promise<void>;
  readonly csr: (name: string) => CertificateSigningRequest;
  /** `Approved: MESSAGE`, `Denied: MESSAGE`, or `Pending`. */
  readonly state: (name: string) => string;
  readonly records: () => readonly CertificateRecord[];
  /** Starts an approver; the answer ends it as a shutdown does. */
  readonly start: (wrap?: (transport: Transport) => Transport) => Promise<() => Promise<void>>;
}

/** A bench with the objects of the shop, and policy `workload-serving` unless told otherwise. */
export function approverBench(
  objects: readonly PlacedObject[] = SHOP_OBJECTS,
  policy: ApprovalPolicy = policyOf(),
): ApproverBench {
  const api = createMemoryApi();
  const clock = new FakeClock();
  const lines: Line[] = [];
  const told: string[] = [];
  const looked: string[] = [];
  const put = ({ path, object }: PlacedObject): void => void api.put(path, object);
  const putPolicy = (given: ApprovalPolicy): void => void api.put(`${POLICIES}/${given.metadata.name ?? ''}`, given);
  for (const object of objects) put(object);
  putPolicy(policy);
  const csr = (name: string): CertificateSigningRequest =>
    api.objects.get(`${CSRS}/${name}`) as CertificateSigningRequest; // put there by `ask`
  return {
    api,
    clock,
    lines,
    told,
    looked,
    put,
    policy: putPolicy,
    policyStatus: (name) => (api.objects.get(`${POLICIES}/${name}`) as ApprovalPolicy | undefined)?.status,
    ask: async (name, wanted = {}) => void api.put(`${CSRS}/${name}`, await csrOf(name, wanted)),
    csr,
    state: (name) => {
      const [condition] = csr(name).status.conditions ?? [];
      return condition === undefined ? 'Pending' : `${condition.type}: ${condition.message ?? ''}`;
    },
    records: () =>
      [...api.objects].filter(([path]) => path.startsWith(RECORDS)).map(([, record]) => record as CertificateRecord),
    start: async (wrap = (transport) => transport) =>
      startApprover(wrap(api.transport), clock, { lines, told, looked }),
  };
}

async function startApprover(
  transport: Transport,
  clock: FakeClock,
  { lines, told, looked }: Pick<ApproverBench, 'lines' | 'told' | 'looked'>,
): Promise<() => Promise<void>> {
  const client = createClient(transport, { userAgent: 'test' });
  const world = { client, clock, random: halfRandom };
  const policies = createPolicyCache({ ...world, engine: scriptedEngine({}) });
  const events: EventRecorder = {
    record: ({ name = '' }, { reason, message }) => void told.push(`${name} ${reason}: ${message}`),
    flush: () => Promise.resolve(),
  };
  const logger = keepingLogger(lines);
  const approver = createApprover({
    ...world,
    logger,
    verifier: createRequestVerifier(),
    events,
    facts: createFactCaches({ ...world, besides: policies.informers }),
    policies,
    settings: DEFAULT_SETTINGS,
    custody: createSoftwareCustody(await testKey('approver')),
  });
  const watching: Controller = {
    ...approver,
    reconcile: (name, ...rest) => {
      looked.push(name);
      return approver.reconcile(name, ...rest);
    },
  };
  const statuses = policies.informers.map((informer) => createPolicyStatus({ client, policies: informer }));
  const end = new AbortController();
  const running = runControllers([watching, ...statuses], { clock, random: halfRandom, logger }, end.signal);
  await running.ready;
  return async () => {
    end.abort();
    await running.ended;
  };
}

async function csrOf(name: string, wanted: Wanted): Promise<CertificateSigningRequest> {
  const { username, uid, groups, extra } = wanted.requester ?? POD_REQUESTER;
  return {
    metadata: { name, uid: `uid-csr-${name}`, creationTimestamp: '2023-11-14T22:13:20Z' },
    spec: {
      request: wanted.request ?? (await requestOf(name, wanted)),
      signerName: wanted.signerName ?? 'countersign.dev/serving',
      usages: wanted.usages ?? ['digital signature', 'key encipherment', 'server auth'],
      username,
      uid,
      groups,
      extra,
    },
    status: {},
  };
}

async function requestOf(name: string, wanted: Wanted): Promise<string> {
  const { dns = ['web.shop.svc.cluster.local'], ips = [], key = name, subject = cn(dns[0] ?? name) } = wanted;
  const names: readonly GeneralName[] = [
    ...dns.map((value) => ({ kind: 'dns' as const, value })),
    ...ips.map((bytes) => ({ kind: 'ip' as const, bytes })),
  ];
  const der = await createCertificationRequest(await testKey(key), { subject, subjectAltNames: names });
  return toBase64(utf8(encodePem('CERTIFICATE REQUEST', der)));
}
