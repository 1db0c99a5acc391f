import { createHash, randomUUID } from 'node:crypto';
import { FakeClock } from '../../base/fake-clock.js';
import { type Logger, silentLogger } from '../../base/logger.js';
import { random } from '../../crypto/digest.js';
import { createRequestVerifier } from '../../crypto/request-verifier.js';
import type { ApiResponse, Headers, StreamSink } from '../../kube/exchange.js';
import { createResourceStore } from '../../registry/generic-store.js';
import type { KubeObject } from '../../kube/object-meta.js';
import type { ResourceStore } from '../../registry/resource-store.js';
import { RBAC_GROUP } from '../../registry/roles/roles.js';
import { createResources } from '../../registry/resources.js';
import { createMemoryStore } from '../../storage/memory/memory-store.js';
import type { Store } from '../../storage/store.js';
import { createAdmission } from '../admission/create-admission.js';
import { type ApiServer, type ApiServerOptions, createApiServer } from '../api-server.js';
import { createAuthenticator } from '../authentication/create-authenticator.js';
import { createImpersonate } from '../authentication/impersonation.js';
import { createStaticTokenAuthenticator, parseStaticTokens } from '../authentication/static-tokens.js';
import { ensureBootstrapPolicy } from '../authorization/bootstrap/ensure-policy.js';
import { DEFAULT_POLICY } from '../authorization/bootstrap/default-roles.js';
import { openRbac } from '../authorization/open-rbac.js';
import { createReviews } from '../reviews/create-reviews.js';
import type { ServedResource } from '../served-resource.js';
import { versionInfo } from '../version-info.js';

/** A request in a test. `as` impersonates; without it the superuser asks. */
export interface Ask {
  readonly method?: string;
  readonly path: string;
  readonly headers?: Headers;
  /** An object goes as JSON, text and bytes as they are. */
  readonly body?: object | string | Uint8Array;
  readonly as?: string;
  readonly groups?: readonly string[];
  /** No credential at all. */
  readonly anonymous?: true;
  readonly signal?: AbortSignal;
}

/** What came back, read to its end. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The text as JSON; undefined where it is none. */
  readonly json: unknown;
}

/** A whole API server on a memory store, without a socket. */
export interface TestServer {
  readonly api: ApiServer;
  readonly clock: FakeClock;
  readonly store: Store;
  readonly ask: (ask: Ask) => Promise<Answer>;
  /** The raw response; for watches. */
  readonly send: (ask: Ask) => Promise<ApiResponse>;
  readonly close: () => Promise<void>;
}

const NEVER: AbortSignal = new AbortController().signal;
const ADMIN_TOKEN = 'admin-token';
const AUDIENCES: readonly string[] = ['https://kubernetes.default.svc'];

/** Opens a server with every resource, RBAC with its bootstrap roles, and namespace `default`. For tests. */
export async function openTestServer(
  overrides: Partial<ApiServerOptions> = {},
  logger: Logger = silentLogger,
): Promise<TestServer> {
  const clock = new FakeClock();
  const store = createMemoryStore();
  const requestVerifier = createRequestVerifier();
  const dependencies = { store, clock, random, newUid: randomUUID };
  const served: readonly ServedResource[] = createResources({ requestVerifier }).map((resource) => ({
    resource,
    store: createResourceStore(resource, dependencies),
  }));
  const storeOf = <T extends KubeObject>(plural: string, group = ''): ResourceStore<T> => {
    const found = served.find(({ resource }) => resource.resource === plural && resource.group === group);
    if (found === undefined) throw new RangeError(`No resource ${plural} in group ${group}`);
    return found.store as unknown as ResourceStore<T>; // the caller names the kind that lives under this plural
  };
  await ensureBootstrapPolicy({
    clusterRoles: storeOf('clusterroles', RBAC_GROUP),
    clusterRoleBindings: storeOf('clusterrolebindings', RBAC_GROUP),
    policies: [DEFAULT_POLICY],
    clock,
    signal: NEVER,
  });
  const rbac = await openRbac({
    stores: {
      roles: storeOf('roles', RBAC_GROUP),
      clusterRoles: storeOf('clusterroles', RBAC_GROUP),
      roleBindings: storeOf('rolebindings', RBAC_GROUP),
      clusterRoleBindings: storeOf('clusterrolebindings', RBAC_GROUP),
    },
    clock,
    logger,
  });
  const tokens = createStaticTokenAuthenticator(
    parseStaticTokens(`${ADMIN_TOKEN},kubernetes-admin,,system:masters\n`, 'tokens.csv'),
    AUDIENCES,
  );
  const namespaces = storeOf('namespaces');
  const serviceAccounts = storeOf('serviceaccounts');
  const api = createApiServer({
    resources: served,
    reviews: createReviews({ authorizer: rbac, rules: rbac, tokens, apiAudiences: AUDIENCES }),
    authenticator: createAuthenticator({ tokens, apiAudiences: AUDIENCES }),
    impersonate: createImpersonate(rbac),
    authorizer: rbac,
    admission: createAdmission({
      authorizer: rbac,
      rules: rbac,
      namespaces: (name) => namespaces.get({ namespace: '', name }).catch(() => undefined),
      serviceAccounts: {
        find: (namespace, name) => serviceAccounts.get({ namespace, name }).catch(() => undefined),
        pause: () => Promise.resolve(),
      },
      requests: requestVerifier,
      index: rbac.index,
    }),
    clock,
    random,
    logger,
    newUid: randomUUID,
    digest: (bytes) => createHash('sha512').update(bytes).digest(),
    version: versionInfo({ version: '0.0.0', runtime: 'node', platform: 'linux/amd64' }),
    ...overrides,
  });
  const send = (ask: Ask): Promise<ApiResponse> => sendTo(api, ask);
  await readAnswer(await send({ method: 'POST', path: '/api/v1/namespaces', body: { metadata: { name: 'default' } } }));
  return {
    api,
    clock,
    store,
    send,
    ask: async (ask) => readAnswer(await send(ask)),
    close: async () => {
      await api.close();
      rbac.close();
      await store.close();
    },
  };
}

function sendTo(api: ApiServer, ask: Ask): Promise<ApiResponse> {
  const { method = 'GET', path, body } = ask;
  const bytes = body === undefined ? undefined : bytesOf(body);
  return api.handle({
    method,
    target: path,
    headers: {
      ...(ask.anonymous === true ? {} : { authorization: `Bearer ${ADMIN_TOKEN}` }),
      ...(ask.as === undefined ? {} : { 'impersonate-user': ask.as }),
      ...(ask.groups === undefined ? {} : { 'impersonate-group': ask.groups }),
      ...ask.headers,
    },
    body: bytes === undefined ? { kind: 'none' } : { kind: 'bytes', bytes },
    signal: ask.signal ?? new AbortController().signal,
    peer: { kind: 'connection', address: '127.0.0.1' },
  });
}

function bytesOf(body: object | string | Uint8Array): Uint8Array {
  if (body instanceof Uint8Array) return body;
  return Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
}

async function readAnswer({ status, headers, body, onGone }: ApiResponse): Promise<Answer> {
  onGone?.();
  const text = body.kind === 'bytes' ? Buffer.from(body.bytes).toString() : '';
  return { status, headers, text, json: parsed(text) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined; // plain text
  }
}

/** A watcher that takes everything at once, and keeps it. */
export class Collected implements StreamSink<Uint8Array | string> {
  readonly chunks: Buffer[] = [];
  ended = false;

  write(item: Uint8Array | string): boolean {
    this.chunks.push(Buffer.from(item));
    return true;
  }

  drained(): Promise<void> {
    return Promise.resolve();
  }

  end(): void {
    this.ended = true;
  }

  /** The JSON lines so far. */
  get lines(): readonly unknown[] {
    const text = Buffer.concat(this.chunks).toString();
    return text
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as unknown);
  }
}
