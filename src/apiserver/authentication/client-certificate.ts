import { equalBytes, toHex } from '../../base/bytes.js';
import { secondsOf, type Clock, type UnixSeconds } from '../../base/clock.js';
import { CountersignError, messageOf } from '../../base/error.js';
import { sha256 } from '../../crypto/digest.js';
import { verifySignature } from '../../crypto/verify-signature.js';
import type { UserInfo } from '../../kube/object-meta.js';
import { parseCertificate, type Certificate } from '../../x509/certificate.js';
import { ATTRIBUTE, attributeValues, commonName } from '../../x509/name.js';
import { verifyChain } from '../../x509/verify-chain.js';
import type { CredentialVerdict } from './authenticator.js';
import { LeastRecentlyUsed } from './least-recently-used.js';

/** Subject attribute that carries a user's uid. */
export const USER_UID_ATTRIBUTE = '1.3.6.1.4.1.57683.2';

/** Extended key usage of TLS clients (RFC 5280 §4.2.1.12). */
const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2';
const CREDENTIAL_ID = 'authentication.kubernetes.io/credential-id';
const MAX_REMEMBERED = 1024;

export interface ClientCertificateOptions {
  /** The authorities of client certificates. Asked on each use, so that they may be exchanged; give the same list while they are the same. */
  readonly clientCa: () => readonly Certificate[];
  readonly clock: Clock;
  /** Told with each use of a certificate how long it is still good. */
  readonly onTaken?: (secondsLeft: number) => void;
}

/** Authenticates by the certificate that a TLS client presented and whose key TLS has proved. */
export interface ClientCertificateAuthenticator {
  /** `intermediates` are what it presented besides. */
  authenticateCertificate(der: Uint8Array, intermediates?: readonly Uint8Array[]): CredentialVerdict;
}

/** A certificate that was accepted: for whom, and between which times. */
interface Accepted {
  readonly der: Uint8Array;
  readonly user: UserInfo;
  readonly notBefore: UnixSeconds;
  readonly notAfter: UnixSeconds;
}

/** A certificate that was refused at a time, by these authorities. */
interface Refused {
  readonly verdict: CredentialVerdict & { kind: 'invalid' };
  readonly at: UnixSeconds;
  readonly roots: readonly Certificate[];
}

/** What a connection presented, read; or why it cannot be. */
type Presented =
  | {
      readonly kind: 'certificate';
      readonly certificate: Certificate;
      /** Those of them that can be read. */
      readonly intermediates: readonly Certificate[];
    }
  | { readonly kind: 'unreadable'; readonly error: string };

/**
 * Client certificates. Good is one that chains to a client CA now, by intermediates that came with it, for clientAuth,
 * any usage or none at all, with a common name and at most one, non-empty uid attribute. A resumed TLS session brings the
 * certificate alone, so intermediates of one that was good are remembered. Acceptance is remembered for as long as the whole path is valid
 * and the authorities are the same; a refusal until the next second, and what was read for as long as its connection
 * lives: anybody may present any certificates, with any number of requests behind them.
 */
export function createClientCertificateAuthenticator(
  options: ClientCertificateOptions,
): ClientCertificateAuthenticator {
  let byConnection = new WeakMap<Uint8Array, Accepted>();
  const presented = new WeakMap<Uint8Array, Presented>();
  const byDigest = new LeastRecentlyUsed<string, Accepted>(MAX_REMEMBERED);
  const refused = new WeakMap<Uint8Array, Refused>();
  const chains = new LeastRecentlyUsed<string, readonly Certificate[]>(MAX_REMEMBERED);
  let trusted: readonly Certificate[] = [];
  const recall = (der: Uint8Array, now: UnixSeconds): Accepted | undefined => {
    const known = byConnection.get(der) ?? byDigest.get(toHex(sha256(der)));
    if (known === undefined || !equalBytes(known.der, der)) return undefined;
    return known.notBefore <= now && now <= known.notAfter ? known : undefined;
  };
  const readOnce = (der: Uint8Array, intermediates: readonly Uint8Array[]): Presented => {
    let known = presented.get(der);
    if (known === undefined) {
      known = readPresented(der, intermediates);
      presented.set(der, known);
    }
    return known;
  };
  return {
    authenticateCertificate: (der, intermediates = []) => {
      const roots = options.clientCa();
      if (roots !== trusted) {
        trusted = roots;
        byConnection = new WeakMap();
        byDigest.clear();
      }
      const now = secondsOf(options.clock);
      let accepted = recall(der, now);
      if (accepted === undefined) {
        const refusal = refused.get(der);
        if (refusal !== undefined && refusal.at === now && refusal.roots === roots) return refusal.verdict;
        const digest = toHex(sha256(der));
        const verdict = examine(readOnce(der, intermediates), chains.get(digest) ?? [], roots, now);
        if (verdict.kind === 'invalid') {
          refused.set(der, { verdict, at: now, roots });
          return verdict;
        }
        accepted = verdict.accepted;
        byDigest.set(digest, accepted);
        if (verdict.intermediates.length > 0) chains.set(digest, verdict.intermediates);
      }
      byConnection.set(der, accepted);
      options.onTaken?.(accepted.notAfter - now);
      return { kind: 'user', user: accepted.user };
    },
  };
}

type Examination =
  | {
      readonly kind: 'accepted';
      readonly accepted: Accepted;
      /** By which it was. */
      readonly intermediates: readonly Certificate[];
    }
  | (CredentialVerdict & { kind: 'invalid' });

function readPresented(der: Uint8Array, intermediatesDer: readonly Uint8Array[]): Presented {
  try {
    const certificate = parseCertificate(der);
    return { kind: 'certificate', certificate, intermediates: intermediatesDer.flatMap(readIntermediate) };
  } catch (error) {
    return { kind: 'unreadable', error: messageOf(error) };
  }
}

function readIntermediate(der: Uint8Array): readonly Certificate[] {
  try {
    return [parseCertificate(der)];
  } catch (error) {
    if (error instanceof CountersignError) return [];
    throw error;
  }
}

function examine(
  presented: Presented,
  remembered: readonly Certificate[],
  roots: readonly Certificate[],
  now: UnixSeconds,
): Examination {
  if (presented.kind === 'unreadable') return { kind: 'invalid', error: presented.error };
  const { certificate: leaf } = presented;
  const { der } = leaf;
  const intermediates = [...presented.intermediates, ...remembered];
  const chain = verifyChain({ leaf, intermediates, roots, now, usage: CLIENT_AUTH, verifySignature });
  if (chain.kind === 'untrusted') return { kind: 'invalid', error: chain.detail };
  const username = commonName(leaf.subject) ?? '';
  // The real server has no opinion here, and its next method, the front proxy's CA, refuses.
  if (username === '') return { kind: 'invalid', error: 'certificate has no common name' };
  const uids = leaf.subject.rdns.flat().filter(({ oid }) => oid === USER_UID_ATTRIBUTE);
  const uid = uids[0]?.value;
  // One that is no text, or an empty text, is as bad as two.
  if (uids.length > 1 || (uids.length === 1 && (uid ?? '') === '')) {
    return { kind: 'invalid', error: 'certificate has no single uid' };
  }
  const user: UserInfo = {
    username,
    ...(uid === undefined ? {} : { uid }),
    groups: attributeValues(leaf.subject, ATTRIBUTE.organization),
    extra: { [CREDENTIAL_ID]: [`X509SHA256=${toHex(sha256(der))}`] },
  };
  const path = [leaf, ...chain.path];
  const notBefore = path.reduce((latest, c) => (c.notBefore > latest ? c.notBefore : latest), leaf.notBefore);
  const notAfter = path.reduce((first, c) => (c.notAfter < first ? c.notAfter : first), leaf.notAfter);
  const used = chain.path.filter((certificate) => intermediates.includes(certificate));
  return { kind: 'accepted', accepted: { der, user, notBefore, notAfter }, intermediates: used };
}
