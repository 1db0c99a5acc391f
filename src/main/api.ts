import { createHash, randomUUID } from 'node:crypto';
import type { Random } from '../base/bytes.js';
import { utf8 } from '../base/bytes.js';
import { type Clock, delay } from '../base/clock.js';
import { CountersignError } from '../base/error.js';
import type { IpNetwork } from '../base/ip-network.js';
import type { Logger } from '../base/logger.js';
import type { Auditor } from '../apiserver/audit/auditor.js';
import { createAdmission } from '../apiserver/admission/create-admission.js';
import type { NamespaceLookup } from '../apiserver/admission/namespace-lifecycle.js';
import type { ApiServer, ExtraRoute } from '../apiserver/api-server.js';
import { createApiServer } from '../apiserver/api-server.js';
import type { Authenticator, TokenAuthenticator } from '../apiserver/authentication/authenticator.js';
import { createBootstrapTokenAuthenticator } from '../apiserver/authentication/bootstrap-tokens.js';
import { createAuthenticator } from '../apiserver/authentication/create-authenticator.js';
import { createImpersonate } from '../apiserver/authentication/impersonation.js';
import {
  JWKS_CONTENT_TYPE,
  JWKS_PATH,
  jsonWebKeySet,
  OPENID_CACHE_CONTROL,
  OPENID_CONFIGURATION_PATH,
  openidConfiguration,
} from '../apiserver/authentication/openid-discovery.js';
import {
  createServiceAccountTokens,
  type ServiceAccountTokens,
} from '../apiserver/authentication/service-account-tokens.js';
import { createStaticTokenAuthenticator, parseStaticTokens } from '../apiserver/authentication/static-tokens.js';
import { createTokenRequestHandler } from '../apiserver/authentication/token-request.js';
import type { TokenSubjects } from '../apiserver/authentication/token-subjects.js';
import { createTokenSubjects } from '../apiserver/authentication/token-subjects.js';
import { unionOfTokens } from '../apiserver/authentication/union-of-tokens.js';
import type { Authorizer } from '../apiserver/authorization/authorizer.js';
import { controllerPolicy } from '../apiserver/authorization/bootstrap/controller-roles.js';
import { COUNTERSIGN_POLICY } from '../apiserver/authorization/bootstrap/countersign-roles.js';
import { DEFAULT_POLICY } from '../apiserver/authorization/bootstrap/default-roles.js';
import { ensureBootstrapPolicy } from '../apiserver/authorization/bootstrap/ensure-policy.js';
import { USER_POLICY } from '../apiserver/authorization/bootstrap/user-roles.js';
import { type ObjectCache, openObjectCache } from '../apiserver/authorization/object-cache.js';
import { openRbac } from '../apiserver/authorization/open-rbac.js';
import { startRoleAggregation } from '../apiserver/authorization/role-aggregation.js';
import { mayActForSigner } from '../apiserver/authorization/signer-permission.js';
import { verifyProofOfPossession } from '../crypto/proof-of-possession.js';
import type { ApiLimits } from '../apiserver/limits.js';
import type { MetricSource } from '../apiserver/metrics/metric-family.js';
import type { ServedResource } from '../apiserver/served-resource.js';
import { startPodTermination } from '../apiserver/pod-termination.js';
import { createReviews } from '../apiserver/reviews/create-reviews.js';
import { versionInfo } from '../apiserver/version-info.js';
import type { ApiResponse } from '../kube/exchange.js';
import type { KubeObject } from '../kube/object-meta.js';
import { hasReason } from '../kube/status.js';
import { compilePolicy } from '../policy/compile-policy.js';
import type { ExpressionEngine } from '../policy/expression.js';
import { createResourceStore } from '../registry/generic-store.js';
import type { Lease } from '../registry/leases/leases.js';
import type { Pod } from '../registry/pods/pod.js';
import type { Resource } from '../registry/resource.js';
import type { ResourceStore } from '../registry/resource-store.js';
import { createResources, type ResourcesDependencies } from '../registry/resources.js';
import { createServiceAllocator, type ServiceAllocator } from '../registry/services/service-allocator.js';
import type { Store } from '../storage/store.js';
import type { RequestVerifier } from '../x509/request-verifier.js';
import { storageCheck } from './housekeeping.js';
import type { Identity } from './identity.js';
import { ensureInitialObjects } from './initial-objects.js';
import { announceServers, type ServerAddress } from './kubernetes-service.js';
import { keepServerLease, type ServerName } from './server-leases.js';
import { checkTlsPair } from './tls-pair.js';
import { VERSION } from './version.js';

export interface ApiOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Decoded objects that each resource keeps for reuse. */
  readonly cacheBytes: number;
  readonly requestVerifier: RequestVerifier;
  /** Compiles the rules of policies that are written. */
  readonly expressions: ExpressionEngine;
  readonly identity: Identity;
  /** A token file's path, for messages, and its text. */
  readonly tokenFile?: { readonly path: string; readonly text: string };
  /** Signers for which the embedded signer may sign. */
  readonly signerNames: readonly string[];
  /** Networks of cluster IPs, one for each family; the first is the default. */
  readonly serviceNetworks: readonly [IpNetwork, ...IpNetwork[]];
  readonly advertisedAddress: () => string;
  /** Absent: nothing is put on record. */
  readonly auditor: Auditor | undefined;
  /** Paths of the server's own. */
  readonly routes: readonly ExtraRoute[];
  /** How much the server takes on, where it is not the usual. */
  readonly limits?: Partial<ApiLimits>;
  /** What else `/metrics` shows. */
  readonly metrics?: readonly MetricSource[];
  /** What the health check of the store is called. Default `storage`. */
  readonly storageName?: string;
}

/** The whole API as one function, on a store. */
export interface Api {
  readonly server: ApiServer;
  readonly resources: readonly Resource[];
  /**
   * Puts the server itself where pods look for it: Service `kubernetes`. One that shares its store with others has a
   * name: it keeps them there together, until the answer is called.
   */
  announce(address: ServerAddress, server: ServerName | undefined): Promise<() => Promise<void>>;
  close(): Promise<void>;
}

/** Stores of resources by group and plural. */
class Stores {
  readonly served: readonly ServedResource[];
  readonly #byName: ReadonlyMap<string, ResourceStore>;

  constructor(resources: readonly Resource[], { store, clock, random, cacheBytes }: ApiOptions) {
    const shared = {
      store,
      clock,
      random,
      newUid: randomUUID,
      cacheBytes,
      pause: () => new Promise<void>(setImmediate),
    };
    this.served = resources.map((resource) => ({ resource, store: createResourceStore(resource, shared) }));
    this.#byName = new Map(this.served.map((s) => [`${s.resource.resource}.${s.resource.group}`, s.store]));
  }

  /** The store of a resource; the caller knows the kind that lives under this name. */
  get<T extends KubeObject = KubeObject>(resource: string, group = ''): ResourceStore<T> {
    const store = this.#byName.get(`${resource}.${group}`);
    if (store === undefined)
      throw new CountersignError('CONFIG_INVALID', `Cannot serve: there is no resource ${resource}`);
    return store as unknown as ResourceStore<T>; // see above
  }
}

/** Builds the API on a store: its resources, who may do what, and what must be there from the first start. */
export async function openApi(options: ApiOptions): Promise<Api> {
  const { clock, logger, identity } = options;
  const { apiAudiences } = identity;
  // Tokens look at service accounts, whose resource issues tokens: the stores are filled in between.
  const late: { subjects?: TokenSubjects; authorizer?: Authorizer } = {};
  const lookup = lateSubjects(() => late.subjects);
  const tokens = serviceAccountTokens(options, lookup);
  const serviceAllocator = await openServiceAllocator(options);
  const resources = createResources({
    serviceAllocator,
    requestVerifier: options.requestVerifier,
    checkTlsPair,
    validateApprovalPolicy: policyCheck(options),
    podCertificates: podCertificateChecks(() => late.authorizer),
    nodeExists: async (name) => (await lookup.node(name)) !== undefined,
    serviceAccountToken: tokenRequests(identity, tokens, lookup),
  });
  const stores = new Stores(resources, options);
  late.subjects = createTokenSubjects({
    serviceAccounts: stores.get('serviceaccounts'),
    secrets: stores.get('secrets'),
    pods: stores.get<Pod>('pods'),
    nodes: stores.get('nodes'),
  });
  const access = await openAccess(stores, options);
  late.authorizer = access.rbac;
  const termination = await startPodTermination({ store: stores.get<Pod>('pods'), clock, logger });
  const bearer = unionOfTokens([
    ...staticTokens(options, apiAudiences),
    tokens,
    ...bootstrapTokens(options, stores),
    identity.outsideTokens,
  ]);
  const server = createApiServer({
    resources: stores.served,
    reviews: createReviews({ authorizer: access.rbac, rules: access.rbac, tokens: bearer, apiAudiences }),
    authenticator: authenticatorOf(identity, bearer),
    impersonate: createImpersonate(access.rbac),
    authorizer: access.rbac,
    admission: createAdmission({
      authorizer: access.rbac,
      rules: access.rbac,
      index: access.rbac.index,
      namespaces: lookingUpNamespaces(access.namespaces, stores.get('namespaces')),
      serviceAccounts: { find: (ns, name) => lookup.serviceAccount(ns, name), pause: (ms) => delay(clock, ms) },
      requests: options.requestVerifier,
    }),
    clock,
    logger,
    newUid: randomUUID,
    random: options.random,
    digest: (bytes) => createHash('sha512').update(bytes).digest(),
    version: ownVersion(),
    routes: [...options.routes, ...openidRoutes(identity, options.advertisedAddress)],
    healthChecks: [storageCheck(options.store, clock, options.storageName)],
    nextTurn: setImmediate,
    ...(options.limits === undefined ? {} : { limits: options.limits }),
    metrics: [identity.metrics, ...(options.metrics ?? [])],
    ...(options.auditor === undefined ? {} : { auditor: options.auditor }),
    advertisedAddress: options.advertisedAddress,
  });
  return {
    server,
    resources,
    announce: announcing(stores, options, serviceAllocator.firstAddress),
    close: async () => {
      await server.close();
      termination.close();
      access.close();
    },
  };
}

function serviceAccountTokens({ identity, clock }: ApiOptions, subjects: TokenSubjects): ServiceAccountTokens {
  const [issuer, ...formerIssuers] = identity.issuers;
  const { tokenKeys: keys, metrics } = identity;
  return createServiceAccountTokens({
    issuer,
    formerIssuers,
    keys,
    subjects,
    clock,
    newUid: randomUUID,
    onStale: () => metrics.staleTokenTaken(),
  });
}

function authenticatorOf(identity: Identity, tokens: TokenAuthenticator): Authenticator {
  const { certificates, frontProxy, apiAudiences, metrics } = identity;
  const authenticator = createAuthenticator({
    certificates,
    ...(frontProxy === undefined ? {} : { frontProxy }),
    tokens,
    apiAudiences,
    anonymous: () => identity.anonymousAccess(),
  });
  return metrics.counting(authenticator);
}

function tokenRequests(identity: Identity, tokens: ServiceAccountTokens, subjects: TokenSubjects) {
  const { apiAudiences, extendTokens: extend, maxTokenSeconds } = identity;
  const bounds = maxTokenSeconds === undefined ? { extend } : { extend, maxSeconds: maxTokenSeconds };
  return createTokenRequestHandler({ tokens, subjects, apiAudiences, newUid: randomUUID, ...bounds });
}

/** Namespaces as the cache knows them; one that another replica has just made is not in it yet. */
function lookingUpNamespaces(cache: ObjectCache<KubeObject>, store: ResourceStore): NamespaceLookup {
  return (name) => cache.get('', name) ?? store.get({ namespace: '', name }).catch(nothingFound);
}

function nothingFound(error: unknown): undefined {
  if (!hasReason(error, 'NotFound')) throw error;
  return undefined;
}

/** Until there is an authorizer, nobody may sign. */
function podCertificateChecks(
  authorizer: () => Authorizer | undefined,
): NonNullable<ResourcesDependencies['podCertificates']> {
  return {
    proofs: verifyProofOfPossession,
    maySign: async (user, signerName) => {
      const current = authorizer();
      return current !== undefined && mayActForSigner(current, user, 'sign', signerName);
    },
  };
}

function policyCheck({ expressions }: ApiOptions): NonNullable<ResourcesDependencies['validateApprovalPolicy']> {
  return (policy) => {
    const compilation = compilePolicy(policy, expressions);
    return compilation.kind === 'invalid' ? compilation.errors : [];
  };
}

async function openServiceAllocator(options: ApiOptions): Promise<ServiceAllocator> {
  const allocator = createServiceAllocator({ ...options, networks: options.serviceNetworks });
  await allocator.restore();
  return allocator;
}

function announcing(stores: Stores, { clock, logger }: ApiOptions, clusterIp: string): Api['announce'] {
  const services = stores.get('services');
  const endpoints = stores.get('endpoints');
  const endpointSlices = stores.get('endpointslices', 'discovery.k8s.io');
  const onServers = (servers: readonly ServerAddress[]): Promise<void> =>
    announceServers({ services, endpoints, endpointSlices, clusterIp, clock, logger, servers });
  return async (address, server) => {
    if (server !== undefined) {
      const leases = stores.get<Lease>('leases', 'coordination.k8s.io');
      return keepServerLease({ leases, server, address, onServers, clock, logger });
    }
    await onServers([address]);
    return () => Promise.resolve();
  };
}

/** Roles, bindings and namespaces: what is there from the first start, and the caches that decide by them. */
async function openAccess(stores: Stores, options: ApiOptions) {
  const { clock, logger } = options;
  const group = 'rbac.authorization.k8s.io';
  const starting = new AbortController();
  await Promise.all([
    ensureBootstrapPolicy({
      clusterRoles: stores.get('clusterroles', group),
      clusterRoleBindings: stores.get('clusterrolebindings', group),
      policies: [DEFAULT_POLICY, USER_POLICY, COUNTERSIGN_POLICY, controllerPolicy(options.signerNames)],
      clock,
      signal: starting.signal,
    }),
    ensureInitialObjects({
      namespaces: stores.get('namespaces'),
      roles: stores.get('roles', group),
      roleBindings: stores.get('rolebindings', group),
      clock,
      signal: starting.signal,
    }),
  ]);
  const [rbac, namespaces] = await Promise.all([
    openRbac({
      stores: {
        roles: stores.get('roles', group),
        clusterRoles: stores.get('clusterroles', group),
        roleBindings: stores.get('rolebindings', group),
        clusterRoleBindings: stores.get('clusterrolebindings', group),
      },
      clock,
      logger,
    }),
    openObjectCache({ store: stores.get('namespaces'), clock, logger }),
  ]);
  const aggregation = startRoleAggregation({ rbac, store: stores.get('clusterroles', group), clock, logger });
  await aggregation.settled();
  return {
    rbac,
    namespaces,
    close: () => {
      aggregation.close();
      rbac.close();
      namespaces.close();
    },
  };
}

function lateSubjects(current: () => TokenSubjects | undefined): TokenSubjects {
  return {
    serviceAccount: (namespace, name) => current()?.serviceAccount(namespace, name),
    secret: (namespace, name) => current()?.secret(namespace, name),
    pod: (namespace, name) => current()?.pod(namespace, name),
    node: (name) => current()?.node(name),
  };
}

function bootstrapTokens({ identity, clock }: ApiOptions, stores: Stores) {
  const { apiAudiences, bootstrapTokens: taken } = identity;
  return taken ? [createBootstrapTokenAuthenticator({ secrets: stores.get('secrets'), clock, apiAudiences })] : [];
}

function staticTokens({ tokenFile }: ApiOptions, audiences: readonly string[]) {
  if (tokenFile === undefined) return [];
  return [createStaticTokenAuthenticator(parseStaticTokens(tokenFile.text, tokenFile.path), audiences)];
}

function ownVersion() {
  const platform = `${process.platform}/${process.arch}`;
  return versionInfo({ version: VERSION, runtime: `node ${process.version}`, platform });
}

/** What others need to verify service-account tokens; nothing where the issuer is no URL at which they would look. */
function openidRoutes({ issuers, jwksUri, tokenKeys }: Identity, address: () => string): readonly ExtraRoute[] {
  const [issuer] = issuers;
  if (!issuer.startsWith('https://')) return [];
  const answer = (document: object, contentType: string): ApiResponse => ({
    status: 200,
    headers: { 'content-type': contentType, 'cache-control': OPENID_CACHE_CONTROL },
    body: { kind: 'bytes', bytes: utf8(JSON.stringify(document)) },
  });
  return [
    {
      path: OPENID_CONFIGURATION_PATH,
      handle: () => {
        const uri = jwksUri ?? `https://${address()}${JWKS_PATH}`;
        return answer(openidConfiguration(issuer, uri, tokenKeys.verification()), 'application/json');
      },
    },
    { path: JWKS_PATH, handle: () => answer(jsonWebKeySet(tokenKeys.verification()), JWKS_CONTENT_TYPE) },
  ];
}
