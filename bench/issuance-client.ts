// The load of `npm run bench`: a process of its own that posts, approves and waits for certificates over TLS.
// Arguments: kubeconfig, clients, certificates. Prints one line of JSON with the latencies in milliseconds.
import { readFileSync } from 'node:fs';
import https from 'node:https';
import { createCertificationRequest } from '../src/crypto/certification-request.js';
import { generateKeyPair } from '../src/crypto/generate-key-pair.js';
import { encodePem } from '../src/x509/pem.js';

const [kubeconfigPath = '', clientsText = '1', totalText = '100'] = process.argv.slice(2);
const clients = Number(clientsText);
const total = Number(totalText);
const COLLECTION = '/apis/certificates.k8s.io/v1/certificatesigningrequests';

interface Kubeconfig {
  clusters: [{ cluster: { server: string; 'certificate-authority-data': string } }];
  users: [{ user: { 'client-certificate-data': string; 'client-key-data': string } }];
}

const kubeconfig = JSON.parse(readFileSync(kubeconfigPath, 'utf8')) as Kubeconfig; // written by our own server
const { cluster } = kubeconfig.clusters[0];
const { user } = kubeconfig.users[0];
const decode = (data: string): Buffer => Buffer.from(data, 'base64');

/** One kept-alive connection, as a client of its own has. */
function connect(): https.Agent {
  return new https.Agent({
    keepAlive: true,
    maxSockets: 1,
    ca: decode(cluster['certificate-authority-data']),
    cert: decode(user['client-certificate-data']),
    key: decode(user['client-key-data']),
  });
}

const server = new URL(cluster.server);

function send(agent: https.Agent, method: string, path: string, body: string): https.RequestOptions & { body: string } {
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
  return { agent, host: server.hostname, port: server.port, method, path, headers, body };
}

function call(agent: https.Agent, method: string, path: string, body: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = https.request(send(agent, method, path, body), (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        const status = response.statusCode ?? 0;
        if (status >= 200 && status < 300) resolve(text);
        else reject(new Error(`${method} ${path}: ${status} ${text}`));
      });
    });
    request.on('error', reject);
    request.end(body);
  });
}

/** Distinct requests, made before the clock starts. */
async function makeRequests(count: number): Promise<readonly string[]> {
  const requests: string[] = [];
  for (let i = 0; i < count; i++) {
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

function watch(agent: https.Agent): Promise<void> {
  const path = `${COLLECTION}?watch=1&sendInitialEvents=false&resourceVersionMatch=NotOlderThan`;
  return new Promise((resolve, reject) => {
    const request = https.request(send(agent, 'GET', path, ''), (response) => {
      if (response.statusCode === 200) resolve();
      else reject(new Error(`watch: ${response.statusCode ?? 0}`));
      let rest = '';
      response.setEncoding('utf8');
      response.on('data', (text: string) => {
        const lines = (rest + text).split('\n');
        rest = lines.pop() ?? '';
        const now = performance.now();
        for (const line of lines) {
          if (!line.includes('"certificate":"')) continue;
          const name = /"name":"([^"]+)"/.exec(line)?.[1] ?? '';
          issued.get(name)?.(now);
        }
      });
    });
    request.on('error', reject);
    request.end();
  });
}

const CONDITION =
  '"conditions":[{"type":"Approved","status":"True","reason":"Bench","message":"Approved for the benchmark"}]';

async function one(agent: https.Agent, name: string, request: string): Promise<number> {
  const start = performance.now();
  const done = new Promise<number>((resolve) => issued.set(name, resolve));
  const posted = await call(
    agent,
    'POST',
    COLLECTION,
    `{"apiVersion":"certificates.k8s.io/v1","kind":"CertificateSigningRequest","metadata":{"name":"${name}"},"spec":{"request":"${request}","signerName":"countersign.dev/serving","usages":["digital signature","key encipherment","server auth"]}}`,
  );
  const approved = posted.trimEnd().replace(/"status":\{\}\}$/, `"status":{${CONDITION}}}`);
  await call(agent, 'PUT', `${COLLECTION}/${name}/approval`, approved);
  const end = await done;
  issued.delete(name);
  return end - start;
}

const requests = await makeRequests(total);
const watcher = connect();
await watch(watcher);
const sessions = Array.from({ length: clients }, connect);
await Promise.all(sessions.map((session) => call(session, 'GET', '/version', '')));
process.send?.('start');
const latencies: number[] = [];
let next = 0;
const begin = performance.now();
await Promise.all(
  sessions.map(async (session) => {
    for (;;) {
      const i = next++;
      const request = requests[i];
      if (request === undefined) return;
      latencies.push(await one(session, `bench-${clients}-${i}-${process.pid}`, request));
    }
  }),
);
const seconds = (performance.now() - begin) / 1000;
process.send?.('end');
latencies.sort((a, b) => a - b);
const at = (q: number): number => latencies[Math.min(latencies.length - 1, Math.floor(q * latencies.length))] ?? 0;
process.stdout.write(`${JSON.stringify({ clients, total, seconds, p50: at(0.5), p99: at(0.99) })}\n`);
process.exit(0);
