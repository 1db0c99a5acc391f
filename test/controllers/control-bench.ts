import { randomBytes } from 'node:crypto';
import { createCa } from '../../src/authority/create-ca.js';
import { parseCaMaterial } from '../../src/authority/ca-material.js';
import { createCertificateAuthority, type CertificateAuthority } from '../../src/authority/certificate-authority.js';
import { parseSigningProfile } from '../../src/authority/signing-profile.js';
import { cn, testKey } from '../../src/authority/testing/test-certificates.js';
import { type Answer, openTestServer, type TestServer } from '../../src/apiserver/testing/open-test-server.js';
import type { FakeClock } from '../../src/base/fake-clock.js';
import { secondsOf } from '../../src/base/clock.js';
import type { LogFields, Logger } from '../../src/base/logger.js';
import type {
  CertificateSigningRequest,
  CertificateSigningRequestCondition,
} from '../../src/certificates/certificate-signing-request.js';
import { type Client, createClient } from '../../src/client/client.js';
import { createInProcessTransport } from '../../src/client/in-process-transport.js';
import { CERTIFICATE_SIGNING_REQUESTS } from '../../src/client/resources.js';
import type { Controller } from '../../src/controllers/runtime/controller.js';
import { runControllers } from '../../src/controllers/runtime/run-controllers.js';
import { createCertificationRequest } from '../../src/crypto/certification-request.js';
import type { ApiRequest, ApiResponse, Transport } from '../../src/kube/exchange.js';
import type { UserInfo, WatchEvent } from '../../src/kube/object-meta.js';
import { encodePem } from '../../src/x509/pem.js';

export const SIGNER = 'example.com/serving';
export const COLLECTION = '/apis/certificates.k8s.io/v1/certificatesigningrequests';

/** A superuser of this process. */
export const ROOT: UserInfo = { username: 'controller', groups: ['system:masters', 'system:authenticated'] };

/** A line of a log. */
export interface Line {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly message: string;
  readonly fields: LogFields;
}

/** A logger that keeps its lines. */
export function keepingLogger(lines: Line[], always: LogFields = {}): Logger {
  const at =
    (level: Line['level']) =>
    (message: string, fields: LogFields = {}): void => {
      lines.push({ level, message, fields: { ...always, ...fields } });
    };
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    with: (fields) => keepingLogger(lines, { ...always, ...fields }),
  };
}

/** What happens to a call of a controller. */
export type Fate =
  | 'pass'
  /** It never reaches the server. */
  | 'lose-request'
  /** The server does it, and the answer never comes. */
  | 'lose-answer';

/** A server with its clock, and clients of it that can be cut off. */
export interface ControlBench {
  readonly server: TestServer;
  readonly clock: FakeClock;
  /** A client in the server's process; `fate` is asked about each of its calls, counted from 1. */
  readonly client: (
    fate?: (call: number, request: ApiRequest) => Fate,
    user?: UserInfo,
    /** May answer in the server's place. */
    change?: (request: ApiRequest, answer: () => Promise<ApiResponse>) => Promise<ApiResponse>,
  ) => Client;
  /** Runs controllers until the answer is called. */
  readonly run: (controllers: readonly Controller[], logger: Logger) => () => Promise<void>;
  readonly random: (count: number) => Uint8Array;
  readonly close: () => Promise<void>;
}

export async function openBench(): Promise<ControlBench> {
  const server = await openTestServer();
  const random = (count: number): Uint8Array => new Uint8Array(randomBytes(count));
  const { clock } = server;
  return {
    server,
    clock,
    random,
    client: (fate = () => 'pass', user = ROOT, change = (_request, answer) => answer()) => {
      const direct = createInProcessTransport((request) => server.api.handle(request), user);
      const changed: Transport = (request) => change(request, () => direct(request));
      return createClient(fated(changed, fate), { userAgent: 'test' });
    },
    run: (controllers, logger) => {
      const stop = new AbortController();
      const running = runControllers(controllers, { clock, random, logger }, stop.signal);
      return async () => {
        stop.abort();
        await running.ended;
      };
    },
    close: () => server.close(),
  };
}

function fated(transport: Transport, fate: (call: number, request: ApiRequest) => Fate): Transport {
  let calls = 0;
  return async (request) => {
    const what = fate(++calls, request);
    if (what === 'lose-request') throw new Error('the connection broke before the request was sent');
    const response = await transport(request);
    if (what === 'pass') return response;
    if (response.body.kind === 'events') response.body.stream.stop();
    throw new Error('the connection broke before the answer came');
  };
}

/** Lets everything go on until `done`, without a timer of its own; fails after a long while. */
export async function until(what: string, done: () => boolean | Promise<boolean>): Promise<void> {
  for (let i = 0; i < 20_000; i++) {
    if (await done()) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
  throw new Error(`It never came to this: ${what}`);
}

/** Lets everything go on until it rests. */
export async function rest(): Promise<void> {
  for (let i = 0; i < 40; i++) await new Promise((resolve) => setImmediate(resolve));
}

/** Lets everything go on until `done`, or until it has rested for long: not everything need come to it. */
export async function maybe(done: () => boolean): Promise<void> {
  for (let i = 0; i < 500 && !done(); i++) await new Promise((resolve) => setImmediate(resolve));
}

let authority: Promise<CertificateAuthority> | undefined;

/** A CA of tests, made once. */
export function testAuthority(clock: FakeClock): Promise<CertificateAuthority> {
  authority ??= makeAuthority(clock);
  return authority;
}

async function makeAuthority(clock: FakeClock): Promise<CertificateAuthority> {
  const random = (count: number): Uint8Array => new Uint8Array(randomBytes(count));
  const now = secondsOf(clock);
  const ca = await createCa({ subject: { commonName: 'Test CA' }, now, random });
  const material = parseCaMaterial({ certificatesPem: ca.certificatePem, keyPem: ca.keyPem, now });
  return createCertificateAuthority(material, parseSigningProfile({}), { clock, random });
}

/** What a request of a test asks for. */
export interface Wanted {
  readonly signerName?: string;
  readonly usages?: readonly string[];
  readonly expirationSeconds?: number;
  readonly dns?: string;
  /** A signature that the API takes and no signer gives: a request for a CA certificate and the like. */
  readonly request?: string;
}

/** PEM of a request of the tests' key for a name. */
export async function requestPem(name: string, dns: string): Promise<string> {
  const key = await testKey('workload');
  const der = await createCertificationRequest(key, {
    subject: cn(name),
    subjectAltNames: [{ kind: 'dns', value: dns }],
  });
  return encodePem('CERTIFICATE REQUEST', der);
}

/** Posts a request. */
export async function post(server: TestServer, name: string, wanted: Wanted = {}): Promise<Answer> {
  const { signerName = SIGNER, usages = ['digital signature', 'key encipherment', 'server auth'], dns } = wanted;
  const pem = wanted.request ?? (await requestPem(name, dns ?? `${name}.ns.svc`));
  const { expirationSeconds } = wanted;
  const body = {
    apiVersion: 'certificates.k8s.io/v1',
    kind: 'CertificateSigningRequest',
    metadata: { name },
    spec: {
      request: Buffer.from(pem).toString('base64'),
      signerName,
      usages,
      ...(expirationSeconds === undefined ? {} : { expirationSeconds }),
    },
  };
  return expectOk(await server.ask({ method: 'POST', path: COLLECTION, body }));
}

/** Adds a condition through `/approval`. */
export async function condition(
  server: TestServer,
  name: string,
  type: string,
  more: Partial<CertificateSigningRequestCondition> = {},
): Promise<void> {
  const csr = await read(server, name);
  const conditions = [...(csr.status.conditions ?? []), { type, status: 'True', reason: 'Test', ...more }];
  const body = { ...csr, status: { ...csr.status, conditions } };
  expectOk(await server.ask({ method: 'PUT', path: `${COLLECTION}/${name}/approval`, body }));
}

/** Posts a request and approves it. */
export async function postApproved(server: TestServer, name: string, wanted: Wanted = {}): Promise<void> {
  await post(server, name, wanted);
  await condition(server, name, 'Approved');
}

/** Reads a request. */
export async function read(server: TestServer, name: string): Promise<CertificateSigningRequest> {
  const answer = expectOk(await server.ask({ path: `${COLLECTION}/${name}` }));
  return answer.json as CertificateSigningRequest; // the server answered 200 for this path
}

/** Whether the request exists. */
export async function exists(server: TestServer, name: string): Promise<boolean> {
  return (await server.ask({ path: `${COLLECTION}/${name}` })).status === 200;
}

function expectOk(answer: Answer): Answer {
  if (answer.status >= 300) throw new Error(`${answer.status} ${answer.text}`);
  return answer;
}

/** Everything that ever happened to requests, as a watcher from now on sees it. */
export function history(client: Client): {
  readonly events: WatchEvent<CertificateSigningRequest>[];
  readonly stop: () => void;
} {
  const events: WatchEvent<CertificateSigningRequest>[] = [];
  const end = new AbortController();
  void client.watch(CERTIFICATE_SIGNING_REQUESTS, { signal: end.signal }, (event) => events.push(event));
  return { events, stop: () => end.abort() };
}

/** The certificates that were ever published for a request. */
export function publishedFor(
  events: readonly WatchEvent<CertificateSigningRequest>[],
  name: string,
): ReadonlySet<string> {
  const certificates = events
    .filter(({ object }) => object.metadata.name === name)
    .map(({ object }) => object.status.certificate ?? '');
  return new Set(certificates.filter((certificate) => certificate !== ''));
}
