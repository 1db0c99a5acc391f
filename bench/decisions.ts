import { createCertificationRequest } from '../src/crypto/certification-request.js';
import { sha256 } from '../src/crypto/digest.js';
import { generateKeyPair } from '../src/crypto/generate-key-pair.js';
import { createRequestVerifier } from '../src/crypto/request-verifier.js';
import { toBase64 } from '../src/base/base64.js';
import { toUnixSeconds } from '../src/base/clock.js';
import { utf8 } from '../src/base/bytes.js';
import type { ApprovalPolicy } from '../src/certificates/approval-policy.js';
import { normaliseRequest, type NormalisedRequest } from '../src/certificates/normalised-request.js';
import { compilePolicy } from '../src/policy/compile-policy.js';
import { decideApproval } from '../src/policy/decide-approval.js';
import { createFactStore, type FactStore } from '../src/policy/fact-store.js';
import { identify } from '../src/policy/identity.js';
import { createPolicySet, type PolicySet } from '../src/policy/policy-set.js';
import { DEFAULT_SETTINGS } from '../src/policy/settings.js';
import type { ExpressionEngine } from '../src/policy/expression.js';
import { encodePem } from '../src/x509/pem.js';

const PODS = 10_000;
const SERVICES = 2_000;
const POLICIES = 200;
const NAMESPACES = 50;
const REQUESTS = 200;
const SIGNER = 'countersign.dev/serving';

/** What deciding costs. */
export interface DecisionRow {
  readonly name: string;
  readonly perSecond: number;
}

/** What deciding costs, and what the cluster in memory does. */
export interface DecisionBench {
  readonly rows: readonly DecisionRow[];
  /** Memory of pods, Services, slices and policies. */
  readonly factsMiB: number;
  readonly rssMiB: number;
  /** One request read, verified and normalised, before it is decided about. */
  readonly readMs: number;
}

const namespaceOf = (i: number): string => `team-${i % NAMESPACES}`;
const ipOf = (i: number): string => `10.${100 + (i >> 16)}.${(i >> 8) & 255}.${i & 255}`;

/** Pods of which five back one Service, and all that hangs on them. */
function fillFacts(facts: FactStore): void {
  for (let n = 0; n < NAMESPACES; n++) {
    const name = `team-${n}`;
    const labels = { 'kubernetes.io/metadata.name': name, tier: n % 2 === 0 ? 'prod' : 'test' };
    facts.set('Namespace', { name, uid: `ns-${n}`, resourceVersion: '1', labels, deleting: false });
    facts.set('ServiceAccount', {
      name: 'app',
      namespace: name,
      uid: `sa-${n}`,
      resourceVersion: '1',
      deleting: false,
    });
  }
  for (let i = 0; i < 200; i++) {
    facts.set('Node', {
      name: `node-${i}`,
      uid: `node-${i}`,
      resourceVersion: '1',
      ips: [`192.168.${i >> 8}.${i & 255}`],
      dnsNames: [`node-${i}`],
      deleting: false,
    });
  }
  for (let i = 0; i < PODS; i++) {
    facts.set('Pod', {
      name: `app-${i}`,
      namespace: namespaceOf(i),
      uid: `pod-${i}`,
      resourceVersion: String(i),
      labels: { app: `svc-${i % SERVICES}` },
      serviceAccountName: 'app',
      nodeName: `node-${i % 200}`,
      hostNetwork: false,
      hostname: '',
      subdomain: '',
      phase: 'Running',
      deleting: false,
      ips: [ipOf(i)],
      hostIPs: [`192.168.${(i % 200) >> 8}.${i % 200}`],
    });
  }
  for (let s = 0; s < SERVICES; s++) {
    const name = `svc-${s}`;
    const namespace = namespaceOf(s);
    facts.set('Service', {
      name,
      namespace,
      uid: name,
      resourceVersion: '1',
      type: 'ClusterIP',
      selector: { app: name },
      headless: false,
      clusterIPs: [`10.96.${s >> 8}.${s & 255}`],
      externalIPs: [],
      ingressIPs: [],
      ingressHostnames: [],
      deleting: false,
    });
    const members = Array.from({ length: PODS / SERVICES }, (_, i) => s + i * SERVICES);
    facts.set('EndpointSlice', {
      name: `${name}-x`,
      namespace,
      uid: `slice-${s}`,
      resourceVersion: '1',
      serviceUid: name,
      podUids: members.map((i) => `pod-${i}`),
      addresses: members.map(ipOf),
    });
  }
}

const noExpressions: ExpressionEngine = {
  compileRule: () => ({ kind: 'refused', problems: [{ detail: 'there are none here' }] }),
  compileMessage: () => ({ kind: 'refused', problems: [{ detail: 'there are none here' }] }),
};

/** Ten policies of a signer are for five namespaces each, so that every pod has one; 200 are for one each: four a pod. */
function namespacesOf(k: number, signers: number): readonly string[] {
  return signers === 1 ? [namespaceOf(k)] : Array.from({ length: 5 }, (_, n) => namespaceOf(5 * k + n));
}

/** Policies, each for some namespaces; `signers`: how many signers they are spread over. */
function policies(signers: number): PolicySet {
  return createPolicySet(
    Array.from({ length: POLICIES }, (_, i) => {
      const policy: ApprovalPolicy = {
        apiVersion: 'countersign.dev/v1alpha1',
        kind: 'ApprovalPolicy',
        metadata: {
          name: `policy-${String(i).padStart(3, '0')}`,
          uid: `policy-${i}`,
          resourceVersion: '1',
          generation: 1,
        },
        spec: {
          signerNames: [i % signers === 0 ? SIGNER : `example.com/other-${i % signers}`],
          requesters: { serviceAccounts: [{ namespaces: namespacesOf(Math.floor(i / signers), signers) }] },
          names: { provable: ['PodIP', 'PodDNS', 'ServiceDNS', 'ServiceClusterIP'] },
          usages: { allowed: ['digital signature', 'key encipherment', 'server auth'], required: ['server auth'] },
          maxExpirationSeconds: 604_800,
        },
      };
      const compiled = compilePolicy(policy, noExpressions);
      if (compiled.kind === 'invalid') throw new Error(JSON.stringify(compiled.errors));
      return compiled.policy;
    }),
  );
}

/** A pod's request for its name, its address, its Service's name and cluster IP. `foreign`: for another's, so that all wait. */
async function makeCsr(i: number, foreign: boolean) {
  const pod = (i * 37) % PODS;
  const asked = foreign ? (pod + 1) % PODS : pod;
  const service = asked % SERVICES;
  const key = await generateKeyPair('ecdsa-p256');
  const [a = 0, b = 0, c = 0, d = 0] = ipOf(asked).split('.').map(Number);
  const der = await createCertificationRequest(key, {
    subject: [],
    subjectAltNames: [
      { kind: 'dns', value: `svc-${service}.${namespaceOf(service)}.svc.cluster.local` },
      { kind: 'dns', value: `app-${asked}.${namespaceOf(asked)}.pod.cluster.local` },
      { kind: 'ip', bytes: Uint8Array.of(a, b, c, d) },
      { kind: 'ip', bytes: Uint8Array.of(10, 96, service >> 8, service & 255) },
    ],
  });
  const namespace = namespaceOf(pod);
  return {
    metadata: { name: `csr-${i}`, uid: `csr-${i}`, resourceVersion: '1' },
    spec: {
      request: toBase64(utf8(encodePem('CERTIFICATE REQUEST', der))),
      signerName: SIGNER,
      usages: ['digital signature', 'key encipherment', 'server auth'],
      expirationSeconds: 86_400,
      username: `system:serviceaccount:${namespace}:app`,
      uid: `sa-${pod % NAMESPACES}`,
      groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'],
      extra: {
        'authentication.kubernetes.io/pod-name': [`app-${pod}`],
        'authentication.kubernetes.io/pod-uid': [`pod-${pod}`],
      },
    },
    status: {},
  };
}

type Csr = Awaited<ReturnType<typeof makeCsr>>;

async function normalise(
  csrs: readonly Csr[],
): Promise<{ readonly requests: readonly NormalisedRequest[]; readonly readMs: number }> {
  const verifier = createRequestVerifier();
  const begin = performance.now();
  const requests: NormalisedRequest[] = [];
  for (const csr of csrs) {
    const verified = await verifier.verify(csr.spec.request);
    if (verified.kind === 'invalid') throw new Error(verified.detail);
    requests.push(normaliseRequest(csr, verified.request, sha256));
  }
  return { requests, readMs: (performance.now() - begin) / csrs.length };
}

/** Decisions a second on one core, identity and message included. */
function decisionsPerSecond(
  requests: readonly NormalisedRequest[],
  facts: FactStore,
  set: PolicySet,
  wanted: 'approve' | 'defer',
): number {
  const now = toUnixSeconds(1_800_000_000);
  let decided = 0;
  let begin = process.cpuUsage();
  // the first part warms up
  for (const seconds of [0.5, 2]) {
    decided = 0;
    begin = process.cpuUsage();
    while (secondsSince(begin) < seconds) {
      for (const request of requests) {
        const identity = identify(request.requester, facts);
        const decision = decideApproval({ request, identity, facts, policies: set, settings: DEFAULT_SETTINGS, now });
        if (decision.kind !== wanted) throw new Error(`${request.name}: ${decision.kind}`);
        decided++;
      }
    }
  }
  return decided / secondsSince(begin);
}

/** CPU time since then, so that whatever else the machine does counts little. */
function secondsSince(begin: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(begin);
  return (user + system) / 1e6;
}

/** Decides about requests in a cluster of 10,000 pods, 2,000 Services and 200 policies, all in memory. */
export async function benchDecisions(): Promise<DecisionBench> {
  globalThis.gc?.();
  const before = process.memoryUsage().heapUsed;
  const facts = createFactStore();
  fillFacts(facts);
  const spread = policies(20);
  const all = policies(1);
  globalThis.gc?.();
  const factsMiB = (process.memoryUsage().heapUsed - before) / 2 ** 20;
  const own: Csr[] = [];
  const foreign: Csr[] = [];
  for (let i = 0; i < REQUESTS; i++) {
    own.push(await makeCsr(i, false));
    foreign.push(await makeCsr(i, true));
  }
  await normalise(foreign); // warms up
  const { requests, readMs } = await normalise(own);
  const others = (await normalise(foreign)).requests;
  const rows: DecisionRow[] = [
    { name: '10 policies for the signer: approved', perSecond: decisionsPerSecond(requests, facts, spread, 'approve') },
    { name: '10 policies for the signer: left waiting', perSecond: decisionsPerSecond(others, facts, spread, 'defer') },
    { name: '200 policies for the signer: approved', perSecond: decisionsPerSecond(requests, facts, all, 'approve') },
    { name: '200 policies for the signer: left waiting', perSecond: decisionsPerSecond(others, facts, all, 'defer') },
  ];
  return { rows, factsMiB, rssMiB: process.memoryUsage().rss / 2 ** 20, readMs };
}
