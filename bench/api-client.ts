// The load of the API benchmark: a process of its own. Arguments: kubeconfig, operation, clients, requests. Prints one
// line of JSON: seconds, and latencies in milliseconds. Sends `start` and `end` to its parent around what is measured.
import http2 from 'node:http2';
import { createCertificationRequest } from '../src/crypto/certification-request.js';
import { generateKeyPair } from '../src/crypto/generate-key-pair.js';
import { encodePem } from '../src/x509/pem.js';
import { connect, Connection, readTarget } from './connection.js';

const [kubeconfigPath = '', operation = '', clientsText = '1', totalText = '100'] = process.argv.slice(2);
const clients = Number(clientsText);
const total = Number(totalText);
const REQUESTS = '/apis/certificates.k8s.io/v1/certificatesigningrequests';
const NAMESPACE = '/api/v1/namespaces/bench';
const STREAMS_PER_CONNECTION = 100;
const target = readTarget(kubeconfigPath);

/** One call of an operation: which client, its how-manieth. */
type Call = (connection: Connection, client: number, turn: number) => Promise<unknown>;

/** What to do before the clock starts; the answer is what is measured. */
const OPERATIONS: Readonly<Record<string, (admin: Connection) => Promise<Call>>> = {
  /** Makes the namespace and one ConfigMap in it. */
  setup: async (admin) => {
    await admin.call('POST', '/api/v1/namespaces', JSON.stringify({ metadata: { name: 'bench' } }));
    await admin.call('POST', `${NAMESPACE}/configmaps`, configMap('one'));
    return async () => undefined;
  },
  /** A CertificateSigningRequest: its signature is verified, its requester noted. */
  create: async () => {
    const bodies = await requestBodies(total, `create-${process.pid}`);
    let next = 0;
    return (connection) => connection.call('POST', REQUESTS, bodies[next++]);
  },
  /** The same request under many names, for filling a store. */
  fill: async () => {
    const [body = ''] = await requestBodies(1, 'template');
    let next = 0;
    return (connection) => connection.call('POST', REQUESTS, body.replace('template-0', `fill-${next++}`));
  },
  get: async () => (connection) => connection.call('GET', `${NAMESPACE}/configmaps/one`),
  'list one': async () => (connection) => connection.call('GET', `${NAMESPACE}/configmaps?limit=500`),
  'list 500': async () => (connection) => connection.call('GET', `${REQUESTS}?limit=500`),
  /** Page after page, as kubectl reads a large collection. */
  'list all': async () => async (connection) => {
    let more = '';
    do {
      const page = await connection.call('GET', `${REQUESTS}?limit=500${more}`);
      const token = /"continue":"([^"]+)"/.exec(page.slice(0, 2000))?.[1];
      more = token === undefined ? '' : `&continue=${encodeURIComponent(token)}`;
    } while (more !== '');
  },
  update: async (admin) => {
    const versions: string[] = [];
    for (let i = 0; i < clients; i++) {
      versions.push(
        versionOf(await admin.call('POST', `${NAMESPACE}/configmaps`, configMap(`update-${process.pid}-${i}`))),
      );
    }
    return async (connection, client, turn) => {
      const name = `update-${process.pid}-${client}`;
      const body = configMap(name, versions[client], String(turn + 1));
      versions[client] = versionOf(await connection.call('PUT', `${NAMESPACE}/configmaps/${name}`, body));
    };
  },
  /** Writers, and a thousand watchers that must all have seen a write before its writer goes on. */
  'watch 1000': async (admin) => {
    const name = `watched-${process.pid}`;
    let version = versionOf(await admin.call('POST', `${NAMESPACE}/configmaps`, configMap(name)));
    const seen = await openWatchers(1000, `${NAMESPACE}/configmaps?watch=1&resourceVersion=${version}`);
    return async (connection, _, turn) => {
      const all = seen(turn + 1);
      version = versionOf(
        await connection.call('PUT', `${NAMESPACE}/configmaps/${name}`, configMap(name, version, String(turn + 1))),
      );
      await all;
    };
  },
};

function configMap(name: string, resourceVersion?: string, value = '0'): string {
  return JSON.stringify({
    metadata: { name, ...(resourceVersion === undefined ? {} : { resourceVersion }) },
    data: { value },
  });
}

function versionOf(answer: string): string {
  return /"resourceVersion":"(\d+)"/.exec(answer)?.[1] ?? '';
}

async function requestBodies(count: number, prefix: string): Promise<readonly string[]> {
  const bodies: string[] = [];
  const key = await generateKeyPair('ecdsa-p256');
  for (let i = 0; i < count; i++) {
    const name = `${prefix}-${i}`;
    const der = await createCertificationRequest(key, {
      subject: [[{ oid: '2.5.4.3', value: name }]],
      subjectAltNames: [{ kind: 'dns', value: `${name}.bench.svc.cluster.local` }],
    });
    const request = Buffer.from(encodePem('CERTIFICATE REQUEST', der)).toString('base64');
    // Nobody signs for it: what is measured is the API.
    bodies.push(
      `{"apiVersion":"certificates.k8s.io/v1","kind":"CertificateSigningRequest","metadata":{"name":"${name}"},"spec":{"request":"${request}","signerName":"example.com/nobody","usages":["digital signature","server auth"]}}`,
    );
  }
  return bodies;
}

/** Opens watches over HTTP/2. The answer resolves when each watcher has seen so many events. */
async function openWatchers(count: number, path: string): Promise<(events: number) => Promise<void>> {
  const events = new Array<number>(count).fill(0);
  let wanted = Infinity;
  let missing = 0;
  let finish: (() => void) | undefined;
  const take = (watcher: number, chunk: Buffer): void => {
    for (const byte of chunk) {
      if (byte !== 10) continue; // an event ends with a line feed
      const had = events[watcher] ?? 0;
      events[watcher] = had + 1;
      if (had + 1 === wanted && --missing === 0) finish?.();
    }
  };
  for (let first = 0; first < count; first += STREAMS_PER_CONNECTION) {
    const { ca, cert, key } = target;
    const session = http2.connect(target.server.origin, { ca, cert, key });
    const opened = Array.from({ length: Math.min(STREAMS_PER_CONNECTION, count - first) }, (_, i) => {
      const stream = session.request({ ':path': path, accept: 'application/json' });
      stream.on('data', (chunk: Buffer) => take(first + i, chunk));
      return new Promise((resolve, reject) => stream.once('response', resolve).once('error', reject));
    });
    await Promise.all(opened);
  }
  return (n) =>
    new Promise((resolve) => {
      wanted = n;
      missing = events.filter((had) => had < n).length;
      finish = resolve;
      if (missing === 0) resolve();
    });
}

const prepare = OPERATIONS[operation];
if (prepare === undefined) throw new Error(`there is no operation ${operation}`);
const call = await prepare(new Connection(target, await connect(target)));
const connections = await Promise.all(
  Array.from({ length: clients }, async () => new Connection(target, await connect(target))),
);
await Promise.all(connections.map((connection) => connection.call('GET', '/version')));
process.send?.('start');
const latencies: number[] = [];
let begun = 0;
const begin = performance.now();
await Promise.all(
  connections.map(async (connection, client) => {
    for (let turn = 0; begun < total; turn++) {
      begun++;
      const start = performance.now();
      await call(connection, client, turn);
      latencies.push(performance.now() - start);
    }
  }),
);
const seconds = (performance.now() - begin) / 1000;
process.send?.('end');
latencies.sort((a, b) => a - b);
const at = (q: number): number => latencies[Math.min(latencies.length - 1, Math.floor(q * latencies.length))] ?? 0;
process.stdout.write(`${JSON.stringify({ seconds, p50: at(0.5), p99: at(0.99) })}\n`);
process.exit(0);
