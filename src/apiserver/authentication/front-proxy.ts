import type { ApiRequest } from '../../kube/exchange.js';
import type { CredentialVerdict } from './authenticator.js';
import type { ClientCertificateAuthenticator } from './client-certificate.js';
import { decodedKey, valuesOf } from './header-values.js';

/** A proxy that authenticates for this server, and the headers in which it says whom. Names in lower case. */
export interface FrontProxyOptions {
  /** Knows the certificates of the proxy. */
  readonly certificates: ClientCertificateAuthenticator;
  /** Common names that a proxy may have; empty: any. */
  readonly allowedNames: readonly string[];
  readonly usernameHeaders: readonly string[];
  readonly uidHeaders: readonly string[];
  readonly groupHeaders: readonly string[];
  readonly extraHeaderPrefixes: readonly string[];
}

/** Knows users by what a trusted proxy says of them. */
export interface FrontProxyAuthenticator {
  authenticateRequest(request: ApiRequest): CredentialVerdict;
}

/**
 * The front proxy's method: nothing in its headers counts unless the connection is the proxy's own. A certificate of
 * somebody else is no mistake where another method knows it. A proxy that names no user says nothing.
 */
export function createFrontProxyAuthenticator(options: FrontProxyOptions): FrontProxyAuthenticator {
  return {
    authenticateRequest: ({ peer, headers }) => {
      if (peer.kind !== 'connection' || peer.certificateDer === undefined) return { kind: 'none' };
      const proxy = options.certificates.authenticateCertificate(peer.certificateDer, peer.intermediatesDer);
      if (proxy.kind !== 'user') return proxy;
      const { allowedNames } = options;
      if (allowedNames.length > 0 && !allowedNames.includes(proxy.user.username)) {
        return { kind: 'invalid', error: `x509: subject with cn=${proxy.user.username} is not in the allowed list` };
      }
      const all = (names: readonly string[]): readonly string[] => names.flatMap((name) => valuesOf(headers, name));
      const [username = ''] = all(options.usernameHeaders).filter((name) => name !== '');
      if (username === '') return { kind: 'none' };
      const [uid = ''] = all(options.uidHeaders).filter((value) => value !== '');
      const extra = new Map<string, readonly string[]>(); // keys are the proxy's choice
      for (const name of Object.keys(headers)) {
        const prefix = options.extraHeaderPrefixes.find((start) => name.startsWith(start));
        if (prefix === undefined) continue;
        const key = decodedKey(name.slice(prefix.length));
        extra.set(key, [...(extra.get(key) ?? []), ...valuesOf(headers, name)]);
      }
      const user = {
        username,
        ...(uid === '' ? {} : { uid }),
        groups: all(options.groupHeaders),
        ...(extra.size === 0 ? {} : { extra: Object.fromEntries(extra) }),
      };
      return { kind: 'user', user };
    },
  };
}
