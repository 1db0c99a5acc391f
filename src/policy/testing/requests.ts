import { parseHex } from '../../base/bytes.js';
import { normaliseRequest, type NormalisedRequest, type Requester } from '../../certificates/normalised-request.js';
import { REQUEST_PEM } from '../../certificates/testing/samples.js';
import {
  assembleCertificationRequest,
  buildCertificationRequestInfo,
  parseCertificationRequest,
} from '../../x509/certification-request.js';
import { subjectAltNameExtension, type Extension } from '../../x509/extension.js';
import { parseIp, type GeneralName } from '../../x509/general-name.js';
import { ATTRIBUTE, encodeName, type NameInput } from '../../x509/name.js';
import { firstPemBlock } from '../../x509/pem.js';
import { POD_REQUESTER } from './world.js';

/** What a request in a test asks for. */
export interface RequestWish {
  readonly name?: string;
  readonly signerName?: string;
  readonly requester?: Requester;
  readonly usages?: readonly string[];
  readonly expirationSeconds?: number;
  readonly creationTimestamp?: string;
  readonly dns?: readonly string[];
  readonly ips?: readonly string[];
  readonly uris?: readonly string[];
  readonly emails?: readonly string[];
  /** Names of other kinds. */
  readonly names?: readonly GeneralName[];
  readonly commonName?: string;
  readonly organizations?: readonly string[];
  /** The whole subject, instead of the common name and the organizations. */
  readonly subject?: NameInput;
  /** Beyond subjectAltName. */
  readonly extensions?: readonly Extension[];
  /** Default: ECDSA on P-256. */
  readonly publicKeyDer?: Uint8Array;
}

/** A SubjectPublicKeyInfo on P-256: that of the sample request. */
export const P256_KEY: Uint8Array = sampleKey();

/** A SubjectPublicKeyInfo of Ed25519: the public key of RFC 8032 §7.1, test 1. */
export const ED25519_KEY: Uint8Array = hex(
  '302a300506032b6570032100d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
);

/** The tutorial's request: a server's certificate for what pod `web-7f` can prove. */
export const SERVING_WISH: RequestWish = {
  dns: ['web.shop.svc.cluster.local', 'web-7f.shop.pod.cluster.local'],
  ips: ['10.0.34.2'],
};

/** A request as policy sees it, by a wish; without one, the tutorial's, asked by the pod. Its signature is none. */
export function requestOf(wish: RequestWish = SERVING_WISH): NormalisedRequest {
  const subject = encodeName(wish.subject ?? subjectOf(wish));
  const names = generalNames(wish);
  const altNames = names.length === 0 ? [] : [subjectAltNameExtension(names, subject.rdns.length === 0)];
  const info = buildCertificationRequestInfo({
    subject,
    publicKeyDer: wish.publicKeyDer ?? P256_KEY,
    extensions: [...altNames, ...(wish.extensions ?? [])],
  });
  const ecdsaWithSha256 = { oid: '1.2.840.10045.4.3.2' };
  const request = parseCertificationRequest(assembleCertificationRequest(info, ecdsaWithSha256, new Uint8Array(8)));
  const { username, uid, groups, extra } = wish.requester ?? POD_REQUESTER;
  const csr = {
    metadata: {
      name: wish.name ?? 'web',
      uid: 'uid-csr-web',
      resourceVersion: '107',
      creationTimestamp: wish.creationTimestamp ?? '2026-11-23T12:00:00Z',
    },
    spec: {
      request: '',
      signerName: wish.signerName ?? 'countersign.dev/serving',
      usages: wish.usages ?? ['digital signature', 'key encipherment', 'server auth'],
      ...(wish.expirationSeconds === undefined ? {} : { expirationSeconds: wish.expirationSeconds }),
      username,
      uid,
      groups,
      extra,
    },
    status: {},
  };
  return normaliseRequest(csr, request, digestForTests);
}

function subjectOf({ commonName, organizations = [] }: RequestWish): NameInput {
  return [
    ...organizations.map((value) => [{ oid: ATTRIBUTE.organization, value }]),
    ...(commonName === undefined ? [] : [[{ oid: ATTRIBUTE.commonName, value: commonName }]]),
  ];
}

function generalNames({ dns = [], ips = [], uris = [], emails = [], names = [] }: RequestWish): readonly GeneralName[] {
  return [
    ...dns.map((value) => ({ kind: 'dns' as const, value })),
    ...ips.map((ip) => ({ kind: 'ip' as const, bytes: octetsOf(ip) })),
    ...uris.map((value) => ({ kind: 'uri' as const, value })),
    ...emails.map((value) => ({ kind: 'email' as const, value })),
    ...names,
  ];
}

function octetsOf(ip: string): Uint8Array {
  const octets = parseIp(ip);
  if (octets === undefined) throw new RangeError(`Not an address: ${ip}`);
  return octets;
}

/** 32 octets that differ where the input differs, without cryptography: only for tests. */
export function digestForTests(data: Uint8Array): Uint8Array {
  const digest = new Uint8Array(32);
  let state = 2166136261;
  for (let i = 0; i < data.length + 64; i++) {
    state = Math.imul(state ^ (data[i] ?? 0), 16777619) >>> 0; // FNV-1a
    digest[i % 32] = (digest[i % 32] ?? 0) ^ (state >>> 24);
  }
  return digest;
}

function sampleKey(): Uint8Array {
  const block = firstPemBlock(REQUEST_PEM);
  if (block === undefined) throw new RangeError('Not PEM: the sample request');
  return parseCertificationRequest(block.bytes).publicKey.der;
}

function hex(text: string): Uint8Array {
  const octets = parseHex(text);
  if (octets === undefined) throw new RangeError(`Not hexadecimal: ${text}`);
  return octets;
}
