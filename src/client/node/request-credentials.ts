import { readFile } from 'node:fs/promises';
import type { RequestOptions } from 'node:https';
import type { Clock } from '../../base/clock.js';
import { CountersignError, messageOf } from '../../base/error.js';
import type { Impersonation, PluginCredentials, ServerCredentials } from './server-access.js';

/** What authenticates one request. */
export interface RequestCredentials {
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  /** A client certificate for the connection. */
  readonly certificatePem?: string;
  readonly keyPem?: string;
}

const TOKEN_AGE_MS = 60_000;

/** Answers the credentials for the next request. Refuses with CONFIG_INVALID where they cannot be had. */
export type CredentialSource = () => Promise<RequestCredentials>;

/** A source over the credentials of a kubeconfig. */
export function createCredentialSource(credentials: ServerCredentials, clock: Clock): CredentialSource {
  const { certificatePem, keyPem, token, tokenFile, basic, plugin } = credentials;
  const identity = certificatePem === undefined || keyPem === undefined ? {} : { certificatePem, keyPem };
  const headers = impersonationHeaders(credentials.impersonate);
  const constant = (authorization: string): CredentialSource => {
    const always = { headers: { ...headers, authorization }, ...identity };
    return () => Promise.resolve(always);
  };
  if (plugin !== undefined) return pluginSource(plugin, headers);
  if (tokenFile !== undefined) {
    const read = tokenReader(tokenFile, clock);
    return async () => ({ headers: { ...headers, authorization: `Bearer ${await read()}` }, ...identity });
  }
  if (token !== undefined) return constant(`Bearer ${token}`);
  if (basic !== undefined) {
    const pair = Buffer.from(`${basic.username}:${basic.password}`).toString('base64');
    return constant(`Basic ${pair}`);
  }
  const always = { headers, ...identity };
  return () => Promise.resolve(always);
}

function impersonationHeaders(as: Impersonation | undefined): Readonly<Record<string, string | readonly string[]>> {
  if (as === undefined) return {};
  const headers: Record<string, string | readonly string[]> = { 'impersonate-user': as.user };
  if (as.uid !== undefined) headers['impersonate-uid'] = as.uid;
  if (as.groups.length > 0) headers['impersonate-group'] = as.groups;
  for (const [key, values] of Object.entries(as.extra)) {
    headers[`impersonate-extra-${encodeURIComponent(key).toLowerCase()}`] = values;
  }
  return headers;
}

/** Reads the token at most once a minute; goes on with the last one where the file cannot be read for a moment. */
function tokenReader(file: string, clock: Clock): () => Promise<string> {
  let known: { readonly token: string; readonly at: number } | undefined;
  return async () => {
    const now = clock.now();
    if (known !== undefined && now - known.at < TOKEN_AGE_MS) return known.token;
    let token = '';
    try {
      token = (await readFile(file, 'utf8')).trim();
    } catch (error) {
      if (known !== undefined) return known.token;
      throw new CountersignError('CONFIG_INVALID', `Cannot read token: ${messageOf(error)}`, { cause: error });
    }
    if (token === '') {
      if (known !== undefined) return known.token;
      throw new CountersignError('CONFIG_INVALID', `Cannot read token: ${file}: it is empty`);
    }
    known = { token, at: now };
    return token;
  };
}

/** Asks @kubernetes/client-node each time: it runs the program once, and again when what it gave has expired. */
function pluginSource(plugin: PluginCredentials, headers: RequestCredentials['headers']): CredentialSource {
  const load = once(async () => {
    const { KubeConfig } = await import('@kubernetes/client-node');
    const config = new KubeConfig();
    config.loadFromString(plugin.kubeconfig);
    return config;
  });
  return async () => {
    const options: RequestOptions = { headers: {} };
    try {
      await (await load()).applyToHTTPSOptions(options);
    } catch (error) {
      const message = `Cannot get credentials: ${plugin.description}: ${messageOf(error)}`;
      throw new CountersignError('CONFIG_INVALID', message, { cause: error });
    }
    const certificatePem = pemText(options.cert);
    const keyPem = pemText(options.key);
    return {
      headers: { ...headers, ...textHeaders(options.headers) },
      ...(certificatePem === undefined || keyPem === undefined ? {} : { certificatePem, keyPem }),
    };
  };
}

function textHeaders(headers: RequestOptions['headers']): Readonly<Record<string, string>> {
  const texts: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers ?? {})) {
    if (typeof value === 'string') texts[name.toLowerCase()] = value;
  }
  return texts;
}

function pemText(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  return Buffer.isBuffer(value) ? value.toString('utf8') : undefined;
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
}
