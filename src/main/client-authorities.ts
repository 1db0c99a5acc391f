import { equalBytes } from '../base/bytes.js';
import { type Certificate, parseCertificate } from '../x509/certificate.js';
import type { Clock } from '../base/clock.js';
import { CountersignError, messageOf } from '../base/error.js';
import type { Logger } from '../base/logger.js';
import { formatName } from '../x509/name.js';
import { decodePem, encodePem } from '../x509/pem.js';
import { followFile } from './follow-file.js';

/** Files of authorities, each one or several certificates in PEM. */
export interface ClientAuthorityFiles {
  /** Whose certificates make users known, besides the server's own. */
  readonly clients?: string;
  /** Whose certificates make a front proxy known. */
  readonly proxies?: string;
  /** Whether any certificate of those is the proxy's. Then none of them may be an authority of clients. */
  readonly anyProxy?: boolean;
}

/** The authorities of those who present a certificate, as they are now. */
export interface ClientAuthorities {
  /** The server's own, and those of the file. The same list while they are the same. */
  readonly clients: () => readonly Certificate[];
  readonly proxies: () => readonly Certificate[];
  /** All of them, PEM: what clients are told when they are asked for a certificate. */
  readonly pems: () => readonly string[];
  /** Calls back after each change, until the answer is called. */
  readonly onChange: (callback: () => void) => () => void;
  readonly close: () => void;
}

export interface ClientAuthoritiesOptions {
  /** The server's own, PEM. */
  readonly ownPem: string;
  readonly files: ClientAuthorityFiles;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Opens them. Files are followed; rejects (CONFIG_INVALID) where one cannot be used at first. */
export async function openClientAuthorities(options: ClientAuthoritiesOptions): Promise<ClientAuthorities> {
  const { ownPem, files, clock, logger } = options;
  const own = parseAuthorities(ownPem);
  let clients = own;
  let proxies: readonly Certificate[] = [];
  const callbacks = new Set<() => void>();
  const changed = (): void => {
    for (const callback of callbacks) callback();
  };
  const closers: (() => void)[] = [];
  const follow = async (path: string, what: string, use: (found: readonly Certificate[]) => void): Promise<void> => {
    const parse = (text: string) => namedAuthorities(text, path, what);
    closers.push(await followFile({ path, what, parse, use, clock, logger }));
  };
  const refuseCommon = (ofClients: readonly Certificate[], ofProxies: readonly Certificate[]): void => {
    if (files.anyProxy === true) refuseSame(ofClients, ofProxies);
  };
  const close = (): void => {
    for (const closer of closers) closer();
  };
  try {
    if (files.clients !== undefined) {
      await follow(files.clients, 'client CAs', (found) => {
        refuseCommon(found, proxies);
        clients = [...own, ...found];
        changed();
      });
    }
    if (files.proxies !== undefined) {
      await follow(files.proxies, 'CAs of front proxies', (found) => {
        refuseCommon(clients, found);
        proxies = found;
        changed();
      });
    }
  } catch (error) {
    close();
    throw error;
  }
  return {
    clients: () => clients,
    proxies: () => proxies,
    pems: () => [...clients, ...proxies].map(({ der }) => encodePem('CERTIFICATE', der)),
    onChange: (callback) => {
      callbacks.add(callback);
      return () => callbacks.delete(callback);
    },
    close,
  };
}

/** Whoever has a certificate of such an authority could say in headers that it is anybody. */
function refuseSame(clients: readonly Certificate[], proxies: readonly Certificate[]): void {
  const common = proxies.find((proxy) => clients.some((client) => isSameAuthority(client, proxy)));
  if (common === undefined) return;
  const name = JSON.stringify(formatName(common.subject));
  throw new CountersignError(
    'CONFIG_INVALID',
    `Cannot use CAs of front proxies: ${name} is a CA of clients too, and every client could speak for every user: name the proxies with --requestheader-allowed-names, or give them a CA of their own`,
  );
}

/** By name and key: an authority may have several certificates. */
function isSameAuthority(a: Certificate, b: Certificate): boolean {
  return equalBytes(a.subject.der, b.subject.der) && equalBytes(a.publicKey.der, b.publicKey.der);
}

function parseAuthorities(pem: string): readonly Certificate[] {
  return decodePem(pem)
    .filter(({ type }) => type === 'CERTIFICATE')
    .map(({ bytes }) => parseCertificate(bytes));
}

function namedAuthorities(text: string, path: string, what: string): readonly Certificate[] {
  const refuse = (why: string): CountersignError =>
    new CountersignError('CONFIG_INVALID', `Cannot use ${what}: ${path}: ${why}`);
  let found: readonly Certificate[];
  try {
    found = parseAuthorities(text);
  } catch (error) {
    throw refuse(messageOf(error));
  }
  if (found.length === 0) throw refuse('there is no PEM block of a certificate');
  return found;
}
