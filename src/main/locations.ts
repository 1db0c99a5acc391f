import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { CountersignError } from '../base/error.js';

/** Where the embedded system keeps things and listens when nobody says otherwise. */
export const DEFAULT_LISTEN = '127.0.0.1:7443';

/** Folder of the store and the server's own keys: `$COUNTERSIGN_DATA_DIR`, else `~/.countersign`. */
export function defaultDataFolder(env: Readonly<Record<string, string | undefined>>): string {
  const named = env['COUNTERSIGN_DATA_DIR'];
  return named === undefined || named === '' ? join(homedir(), '.countersign') : resolve(named);
}

/** Where the administrator's kubeconfig is written by default: beside the store. */
export function defaultKubeconfigPath(dataFolder: string): string {
  return join(dataFolder, 'admin.kubeconfig');
}

/** A host and a port. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/**
 * Reads `HOST:PORT`, `[IPv6]:PORT`, `:PORT` (all addresses) or `PORT` (loopback); port 0 takes a free one. USAGE
 * otherwise, with the flag's name.
 */
export function parseListenAddress(text: string, flag = '--listen', example: string = DEFAULT_LISTEN): ListenAddress {
  const match = /^(?:\[(?<six>[0-9a-fA-F:.]+)\]:|(?<host>[^:[\]\s]*):)?(?<port>\d{1,5})$/.exec(text);
  const port = Number(match?.groups?.['port'] ?? Number.NaN);
  if (match === null || !(port <= 65_535)) {
    throw new CountersignError(
      'USAGE',
      `Cannot use ${flag}: ${JSON.stringify(text)} is not HOST:PORT, such as ${example}`,
    );
  }
  const { six, host } = match.groups ?? {};
  if (six !== undefined) return { host: six, port };
  if (host === undefined) return { host: '127.0.0.1', port };
  return { host: host === '' ? '0.0.0.0' : host, port };
}

/** `host:port` as it stands in a URL. */
export function urlAuthority(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** Whether a host means every address of the machine. */
export function isWildcardHost(host: string): boolean {
  return host === '0.0.0.0' || host === '::';
}
