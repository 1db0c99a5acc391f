import { readFile } from 'node:fs/promises';
import { messageOf } from '../../base/error.js';
import { inClusterAccess } from './in-cluster.js';
import {
  configError,
  isFields,
  optionalText,
  pathIn,
  readKubeconfigFiles,
  type KubeconfigEntry,
  type MergedKubeconfig,
  type RawFields,
} from './kubeconfig-files.js';
import { pluginOf } from './plugin-kubeconfig.js';
import type { Impersonation, ServerAccess, ServerCredentials } from './server-access.js';

/** What decides which kubeconfig is read and what of it is used, as kubectl's flags do. */
export interface KubeconfigOptions {
  /** `--kubeconfig`: this file only, and it must exist. */
  readonly path?: string;
  readonly context?: string;
  readonly cluster?: string;
  readonly user?: string;
  readonly namespace?: string;
  readonly server?: string;
  /** Usually `process.env`: KUBECONFIG, HOME, KUBERNETES_SERVICE_HOST and _PORT are read. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Where a pod finds its token and CA. Default `/var/run/secrets/kubernetes.io/serviceaccount`. */
  readonly inClusterFolder?: string;
}

/**
 * Finds the API server by kubectl's rules: the given file; else the files of KUBECONFIG merged; else ~/.kube/config;
 * else the pod's own service account. CONFIG_INVALID names the file and field that is wrong.
 */
export async function loadServerAccess(options: KubeconfigOptions): Promise<ServerAccess> {
  const config = await readKubeconfigFiles(options.path, options.env);
  const named = options.context !== undefined || options.cluster !== undefined || options.user !== undefined;
  if (config.files.length === 0 && !named) {
    const access = await inClusterAccess(options.env, options.inClusterFolder);
    if (access !== undefined) {
      return options.namespace === undefined ? access : { ...access, namespace: options.namespace };
    }
    throw configError('KUBECONFIG', 'no kubeconfig was found, and this is no pod; name one with --kubeconfig');
  }
  return resolveAccess(config, options);
}

async function resolveAccess(config: MergedKubeconfig, options: KubeconfigOptions): Promise<ServerAccess> {
  const files = config.files.join(', ');
  const contextName = options.context ?? config.currentContext;
  const context = contextName === undefined ? undefined : config.contexts.get(contextName);
  if (context === undefined && contextName !== undefined) {
    throw configError(files, `there is no context ${JSON.stringify(contextName)}${namesOf(config.contexts)}`);
  }
  if (context === undefined && (options.cluster === undefined || options.user === undefined)) {
    throw configError(files, `no context is current${namesOf(config.contexts)}; choose one with --context`);
  }
  const where = `${context?.file ?? files}: context ${JSON.stringify(contextName ?? '')}`;
  const fields = context?.fields ?? {};
  const clusterName = options.cluster ?? optionalText(fields, 'cluster', where);
  const userName = options.user ?? optionalText(fields, 'user', where);
  const cluster = entryOf(config.clusters, clusterName, 'cluster', where);
  const user = userName === undefined ? undefined : entryOf(config.users, userName, 'user', where);
  return {
    ...(await clusterAccess(cluster, `${cluster.file}: cluster ${JSON.stringify(clusterName)}`, options.server)),
    namespace: options.namespace ?? optionalText(fields, 'namespace', where) ?? 'default',
    credentials: user === undefined ? {} : await credentialsOf(user, `${user.file}: user ${JSON.stringify(userName)}`),
    source: contextName ?? clusterName ?? '',
  };
}

function namesOf(entries: ReadonlyMap<string, KubeconfigEntry>): string {
  return entries.size === 0 ? '' : ` (there are ${[...entries.keys()].map((name) => JSON.stringify(name)).join(', ')})`;
}

function entryOf(
  entries: ReadonlyMap<string, KubeconfigEntry>,
  name: string | undefined,
  kind: string,
  where: string,
): KubeconfigEntry {
  if (name === undefined) throw configError(where, `it names no ${kind}`);
  const entry = entries.get(name);
  if (entry === undefined) throw configError(where, `there is no ${kind} ${JSON.stringify(name)}${namesOf(entries)}`);
  return entry;
}

async function clusterAccess(
  entry: KubeconfigEntry,
  where: string,
  override: string | undefined,
): Promise<Pick<ServerAccess, 'server' | 'caPem' | 'tlsServerName' | 'insecureSkipTlsVerify'>> {
  const { fields } = entry;
  const server = override ?? optionalText(fields, 'server', where);
  if (server === undefined) throw configError(where, 'it has no server');
  const proxy = optionalText(fields, 'proxy-url', where);
  if (proxy !== undefined) throw configError(where, `proxy-url ${JSON.stringify(proxy)}: proxies are not supported`);
  const insecureSkipTlsVerify = optionalFlag(fields, 'insecure-skip-tls-verify', where);
  const caPem = await dataOrFile(entry, 'certificate-authority', where);
  if (insecureSkipTlsVerify && caPem !== undefined) {
    throw configError(where, 'insecure-skip-tls-verify and a certificate-authority exclude each other');
  }
  const tlsServerName = optionalText(fields, 'tls-server-name', where);
  return {
    server: serverUrl(server, where),
    insecureSkipTlsVerify,
    ...(caPem === undefined ? {} : { caPem }),
    ...(tlsServerName === undefined ? {} : { tlsServerName }),
  };
}

/** The base URL. A bare host is https, as for kubectl; http is only taken where it does not leave the machine. */
function serverUrl(server: string, where: string): string {
  let url: URL;
  try {
    url = new URL(/^[a-z][a-z0-9+.-]*:\/\//i.test(server) ? server : `https://${server}`);
  } catch {
    throw configError(where, `server ${JSON.stringify(server)} is no URL`);
  }
  const loopback = /^(localhost|127(\.[0-9]+){3}|\[::1\])$/.test(url.hostname);
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && loopback)) {
    throw configError(where, `server ${JSON.stringify(server)} is not https; http is for loopback addresses only`);
  }
  if (url.username !== '' || url.search !== '' || url.hash !== '') {
    throw configError(where, 'server has a user, a query or a fragment, and must only be an address');
  }
  return (url.origin + url.pathname).replace(/\/+$/, '');
}

async function credentialsOf(entry: KubeconfigEntry, where: string): Promise<ServerCredentials> {
  const { fields } = entry;
  const certificatePem = await dataOrFile(entry, 'client-certificate', where);
  const keyPem = await dataOrFile(entry, 'client-key', where);
  if ((certificatePem === undefined) !== (keyPem === undefined)) {
    throw configError(where, 'client-certificate and client-key go together, and one is missing');
  }
  const token = optionalText(fields, 'token', where);
  const tokenFile = optionalText(fields, 'tokenFile', where);
  const username = optionalText(fields, 'username', where);
  const password = optionalText(fields, 'password', where) ?? '';
  const plugin = pluginOf(entry, where);
  const ways = [token ?? tokenFile, username, plugin].filter((way) => way !== undefined);
  if (ways.length > 1) throw configError(where, 'it has more than one of token, username, exec and auth-provider');
  const impersonate = impersonationOf(fields, where);
  return {
    ...(certificatePem === undefined || keyPem === undefined ? {} : { certificatePem, keyPem }),
    ...(token === undefined ? {} : { token }),
    ...(tokenFile === undefined ? {} : { tokenFile: pathIn(entry, tokenFile) }),
    ...(username === undefined ? {} : { basic: { username, password } }),
    ...(plugin === undefined ? {} : { plugin }),
    ...(impersonate === undefined ? {} : { impersonate }),
  };
}

function impersonationOf(fields: RawFields, where: string): Impersonation | undefined {
  const user = optionalText(fields, 'as', where);
  const uid = optionalText(fields, 'as-uid', where);
  const groups = textList(fields['as-groups'], 'as-groups', where);
  const extraFields = fields['as-user-extra'] ?? {};
  if (!isFields(extraFields)) throw configError(where, 'as-user-extra is no mapping of lists');
  const extra = Object.fromEntries(
    Object.entries(extraFields).map(([key, value]) => [key, textList(value, `as-user-extra[${key}]`, where)]),
  );
  if (user === undefined) {
    if (uid === undefined && groups.length === 0 && Object.keys(extra).length === 0) return undefined;
    throw configError(where, 'as-uid, as-groups and as-user-extra need a user in "as"');
  }
  return { user, groups, extra, ...(uid === undefined ? {} : { uid }) };
}

function textList(value: unknown, name: string, where: string): readonly string[] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value;
  throw configError(where, `${name} is no list of strings`);
}

function optionalFlag(fields: RawFields, name: string, where: string): boolean {
  const value = fields[name] ?? false;
  if (typeof value !== 'boolean') throw configError(where, `${name} is neither true nor false`);
  return value;
}

/** The text of `NAME-data` (base64), or of the file that `NAME` names; the data wins. */
async function dataOrFile(entry: KubeconfigEntry, name: string, where: string): Promise<string | undefined> {
  const data = optionalText(entry.fields, `${name}-data`, where);
  if (data !== undefined) {
    const compact = data.replaceAll(/\s/g, '');
    if (!/^[A-Za-z0-9+/]+={0,2}$/.test(compact) || compact.length % 4 !== 0) {
      throw configError(where, `${name}-data is no base64`);
    }
    return Buffer.from(compact, 'base64').toString('utf8');
  }
  const file = optionalText(entry.fields, name, where);
  if (file === undefined) return undefined;
  try {
    return await readFile(pathIn(entry, file), 'utf8');
  } catch (error) {
    throw configError(where, `${name}: ${messageOf(error)}`, error);
  }
}
