// The load of `npm run bench`: a process of its own that posts, approves and waits for certificates over TLS.
// Arguments: kubeconfig, clients, certificates, and `approve`, or `policy` where pods ask by their own tokens and nobody
// else approves. Prints one line of JSON with the latencies in milliseconds.
import { createCertificationRequest } from '../src/crypto/certification-request.js';
import { generateKeyPair } from '../src/crypto/generate-key-pair.js';
import { encodePem } from '../src/x509/pem.js';
import { connect, Connection, readTarget, requestText } from './connection.js';

const [kubeconfigPath = '', clientsText = '1', totalText = '100', mode = 'approve'] = process.argv.slice(2);
const clients = Number(clientsText);
const total = Number(totalText);
const COLLECTION = '/apis/certificates.k8s.io/v1/certificatesigningrequests';

const target = readTarget(kubeconfigPath);

/** Distinct requests, made before the clock starts. By policy, request i is of pod i modulo `clients`. */
async function makeRequests(count: number): Promise<readonly string[]> {
  const requests: string[] = [];
  for (let n = 0; n < count; n++) {
    const i = mode === 'policy' ? n % clients : n;
    const key = await generateKeyPair('ecdsa-p256');
    const der = await createCertificationRequest(key, {
      subject: [[{ oid: '2.5.4.3', value: `pod-${i}.bench.pod.cluster.local` }]],
      subjectAltNames: [
        { kind: 'dns', value: `svc-${i}.bench.svc.cluster.local` },
        { kind: 'dns', value: `pod-${i}.bench.pod.cluster.local` },
        { kind: 'ip', bytes: Uint8Array.of(10, 0, i >> 8, i & 255) },
      ],
    });
    requests.push(Buffer.from(encodePem('CERTIFICATE REQUEST', der)).toString('base64'));
  }
  return requests;
}

const issued = new Map<string, (at: number) => void>();

/** Follows all requests; its lines end at line feeds, and the frames of chunked encoding are lines without events. */
async function watch(): Promise<void> {
  const socket = await connect(target);
  const path = `${COLLECTION}?watch=1&sendInitialEvents=false&resourceVersionMatch=NotOlderThan`;
  await new Promise<void>((resolve) => {
    let rest = '';
    socket.setEncoding('utf8');
    socket.on('data', (text: string) => {
      resolve(); // the headers are here
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      const now = performance.now();
      for (const line of lines) {
        if (!line.includes('"certificate":"')) continue;
        const name = /"name":"([^"]+)"/.exec(line)?.[1] ?? '';
        issued.get(name)?.(now);
      }
    });
    socket.write(requestText(target, 'GET', path));
  });
}

const CONDITION =
  '"conditions":[{"type":"Approved","status":"True","reason":"Bench","message":"Approved for the benchmark"}]';

/** Nobody approves but the policy. */
async function oneByPolicy(connection: Connection, name: string, request: string): Promise<number> {
  const start = performance.now();
  const done = new Promise<number>((resolve) => issued.set(name, resolve));
  await connection.call('POST', COLLECTION, csrText(name, request));
  const end = await done;
  issued.delete(name);
  return end - start;
}

function csrText(name: string, request: string): string {
  return `{"apiVersion":"certificates.k8s.io/v1","kind":"CertificateSigningRequest","metadata":{"name":"${name}"},"spec":{"request":"${request}","signerName":"countersign.dev/serving","usages":["digital signature","key encipherment","server auth"]}}`;
}

/** Pods with addresses, each with its Service, and a token of each. */
async function makePods(): Promise<readonly string[]> {
  const admin = new Connection(target, await connect(target));
  const create = (path: string, object: object): Promise<string> => admin.call('POST', path, JSON.stringify(object));
  const group = 'rbac.authorization.k8s.io';
  await create('/api/v1/namespaces', { metadata: { name: 'bench' } });
  await create('/api/v1/namespaces/bench/serviceaccounts', { metadata: { name: 'bench' } });
  await create(`/apis/${group}/v1/clusterroles`, {
    metadata: { name: 'bench' },
    rules: [{ apiGroups: ['certificates.k8s.io'], resources: ['certificatesigningrequests'], verbs: ['create'] }],
  });
  await create(`/apis/${group}/v1/clusterrolebindings`, {
    metadata: { name: 'bench' },
    roleRef: { apiGroup: group, kind: 'ClusterRole', name: 'bench' },
    subjects: [{ apiGroup: group, kind: 'Group', name: 'system:serviceaccounts:bench' }],
  });
  const tokens: string[] = [];
  for (let i = 0; i < clients; i++) {
    const ip = `10.0.${i >> 8}.${i & 255}`;
    await create('/api/v1/namespaces/bench/services', {
      metadata: { name: `svc-${i}` },
      spec: { selector: { app: `svc-${i}` }, ports: [{ port: 443 }] },
    });
    const pod = await create('/api/v1/namespaces/bench/pods', {
      metadata: { name: `pod-${i}`, labels: { app: `svc-${i}` } },
      spec: { serviceAccountName: 'bench', containers: [{ name: 'a', image: 'a' }] },
    });
    await admin.call(
      'PUT',
      `/api/v1/namespaces/bench/pods/pod-${i}/status`,
      JSON.stringify({ ...(JSON.parse(pod) as object), status: { phase: 'Running', podIP: ip, podIPs: [{ ip }] } }),
    );
    const answer = await create('/api/v1/namespaces/bench/serviceaccounts/bench/token', {
      spec: { boundObjectRef: { kind: 'Pod', apiVersion: 'v1', name: `pod-${i}` } },
    });
    tokens.push((JSON.parse(answer) as { status: { token: string } }).status.token); // a TokenRequest
  }
  return tokens;
}

async function one(connection: Connection, name: string, request: string): Promise<number> {
  const start = performance.now();
  const done = new Promise<number>((resolve) => issued.set(name, resolve));
  const posted = await connection.call('POST', COLLECTION, csrText(name, request));
  const approved = posted.trimEnd().replace(/"status":\{\}\}$/, `"status":{${CONDITION}}}`);
  await connection.call('PUT', `${COLLECTION}/${name}/approval`, approved);
  const end = await done;
  issued.delete(name);
  return end - start;
}

const requests = await makeRequests(total);
await watch();
const tokens = mode === 'policy' ? await makePods() : [];
const connections = await Promise.all(
  Array.from(
    { length: clients },
    async (_, i) => new Connection(target, await connect(target, mode !== 'policy'), tokens[i]),
  ),
);
await Promise.all(connections.map((connection) => connection.call('GET', '/version')));
process.send?.('start');
const latencies: number[] = [];
let next = 0;
const begin = performance.now();
const issueOne = mode === 'policy' ? oneByPolicy : one;
await Promise.all(
  connections.map(async (connection, client) => {
    for (let turn = 0; ; turn++) {
      // A pod asks for its own names only; the administrator takes whatever is next.
      const i = mode === 'policy' ? turn * clients + client : next++;
      const request = requests[i];
      if (request === undefined) return;
      latencies.push(await issueOne(connection, `bench-${clients}-${i}-${process.pid}`, request));
    }
  }),
);
const seconds = (performance.now() - begin) / 1000;
process.send?.('end');
latencies.sort((a, b) => a - b);
const at = (q: number): number => latencies[Math.min(latencies.length - 1, Math.floor(q * latencies.length))] ?? 0;
process.stdout.write(`${JSON.stringify({ clients, total, seconds, p50: at(0.5), p99: at(0.99) })}\n`);
process.exit(0);
