import { CountersignError } from '../../base/error.js';

/** Where an etcd is, and which of its keys are the store's. */
export interface EtcdAddress {
  /** `host:port` of each member, in the order in which they are tried; at least one. */
  readonly endpoints: readonly string[];
  /** Whether members are spoken to over TLS. */
  readonly secure: boolean;
  /** Put before every key: empty, or a path that starts with a slash and does not end in one. */
  readonly prefix: string;
}

/** etcd's own port for clients. */
const DEFAULT_PORT = 2379;

/** Whether a text is meant to be an address of etcd. */
export function isEtcdAddress(text: string): boolean {
  return /^etcds?:/i.test(text);
}

/**
 * Parses `etcd://host[:port][,host[:port]…][/prefix]`, or `etcds://…` for TLS. Refuses (USAGE) what names no host, a
 * host twice, a user, a query, and a prefix that would hide where the keys are.
 */
export function parseEtcdAddress(text: string): EtcdAddress {
  const shown = text.replace(/\/\/.*@/s, '//…@'); // there may be a password in it
  const refuse = (why: string): CountersignError =>
    new CountersignError('USAGE', `Cannot use storage "${shown}": ${why}`);
  const match = /^(etcds?):\/\/([^/]*)(.*)$/s.exec(text);
  if (match === null) throw refuse('it is not etcd://HOST[:PORT][,HOST[:PORT]…][/PREFIX] or etcds://…');
  const [, scheme, authority = '', path = ''] = match;
  if (authority.includes('@')) {
    throw refuse('it has a user in it: etcd is signed in to with a client certificate, not with a password');
  }
  if (/[?#]/.test(text)) throw refuse('it has a query or a fragment');
  const endpoints = authority.split(',').map((endpoint) => {
    const parsed = parseEndpoint(endpoint);
    if (typeof parsed === 'string') return parsed;
    throw refuse(parsed.refused);
  });
  const twice = endpoints.find((endpoint, i) => endpoints.indexOf(endpoint) !== i);
  if (twice !== undefined) throw refuse(`it names "${twice}" twice`);
  const prefix = parsePrefix(path);
  if (typeof prefix !== 'string') throw refuse(prefix.refused);
  return { endpoints, secure: scheme === 'etcds', prefix };
}

interface Refused {
  readonly refused: string;
}

function parseEndpoint(text: string): string | Refused {
  if (text === '') return { refused: 'a host is empty' };
  const match = /^(\[[0-9a-fA-F:.]+\]|[^:[\]\s]+)(?::(.*))?$/.exec(text);
  if (match === null) return { refused: `"${text}" is not HOST or HOST:PORT; an IPv6 address stands in brackets` };
  const [, host = '', port = String(DEFAULT_PORT)] = match;
  if (!host.startsWith('[') && !/^[A-Za-z0-9]([A-Za-z0-9_-]|\.(?=[A-Za-z0-9]))*\.?$/.test(host)) {
    return { refused: `"${host}" is not the name or address of a host` };
  }
  if (!/^[1-9][0-9]{0,4}$/.test(port) || Number(port) > 65_535) return { refused: `"${port}" is not a port` };
  return `${host.toLowerCase()}:${port}`;
}

function parsePrefix(path: string): string | Refused {
  const prefix = path.replace(/\/$/, '');
  if (prefix === '') return '';
  if (!/^(\/[A-Za-z0-9._-]+)+$/.test(prefix) || /\/\.\.?(\/|$)/.test(prefix)) {
    return { refused: `"${path}" is not a prefix: names of letters, digits, ".", "_" and "-" between slashes` };
  }
  if (prefix === '/registry') return { refused: 'keys are under /registry without being told: leave the prefix out' };
  return prefix;
}
