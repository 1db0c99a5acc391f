import {
  encodeBitString,
  encodeElement,
  encodeExplicit,
  encodeOidElement,
  encodeSequence,
  encodeSmallInteger,
} from '../asn1/der-writer.js';
import { TAG } from '../asn1/tag.js';
import { utf8 } from '../base/bytes.js';
import type { PrivateKey } from '../crypto/private-key.js';
import { encodeAlgorithmIdentifier } from '../x509/algorithm-identifier.js';
import { EXTENSION_REQUEST } from '../x509/certification-request-model.js';
import { encodeExtension, subjectAltNameExtension, type Extension } from '../x509/extension.js';
import type { GeneralName } from '../x509/general-name.js';
import { encodeName } from '../x509/name.js';
import { encodePem } from '../x509/pem.js';

/** Names of a pod, as far as a case uses them. */
export interface KnownNames {
  readonly serviceDns: string;
  readonly podDns: string;
  /** IPv4, dotted decimal. */
  readonly podIp: string;
  readonly serviceIp: string;
  readonly spiffe: string;
}

/** What requests are forged with: a key, names that are the requester's, and names that are somebody else's. */
export interface ForgeKit {
  readonly key: PrivateKey;
  /** Another key, for requests that are signed by the wrong one. */
  readonly otherKey: PrivateKey;
  readonly own: KnownNames;
  readonly victim: KnownNames;
}

/** Parts of a PKCS#10, each as DER, so that one can be wrong and the others right. */
export interface ForgedParts {
  readonly version?: Uint8Array;
  readonly subject?: Uint8Array;
  readonly publicKey?: Uint8Array;
  /** What stands under [0], in this order. */
  readonly attributes?: readonly Uint8Array[];
  /** Overrides `attributes`: the whole element. */
  readonly rawAttributes?: Uint8Array;
  readonly algorithm?: Uint8Array;
  /** The whole element; default: a true signature of the kit's key. */
  readonly signature?: Uint8Array;
}

/** DER of a PKCS#10 of these parts. What is left out is right, and the signature is true of what is there. */
export async function forgeDer(kit: ForgeKit, parts: ForgedParts = {}): Promise<Uint8Array> {
  const info = encodeSequence(
    parts.version ?? encodeSmallInteger(0),
    parts.subject ?? commonName(kit.own.serviceDns),
    parts.publicKey ?? kit.key.publicKeyDer,
    parts.rawAttributes ??
      encodeExplicit(0, ...(parts.attributes ?? [sanAttribute({ kind: 'dns', value: kit.own.serviceDns })])),
  );
  return encodeSequence(
    info,
    parts.algorithm ?? encodeAlgorithmIdentifier(kit.key.signatureAlgorithm),
    parts.signature ?? encodeBitString(await kit.key.sign(info)),
  );
}

/** The PEM of `forgeDer`. */
export async function forge(kit: ForgeKit, parts: ForgedParts = {}): Promise<Uint8Array> {
  return requestPem(await forgeDer(kit, parts));
}

/** A request for these names and nothing else. */
export async function forgeNames(kit: ForgeKit, ...names: readonly GeneralName[]): Promise<Uint8Array> {
  return forge(kit, { subject: encodeName([]).der, attributes: [sanAttribute(...names)] });
}

/** A request with these extensions besides the pod's own name. */
export async function forgeExtensions(kit: ForgeKit, ...extensions: readonly Extension[]): Promise<Uint8Array> {
  const own = subjectAltNameExtension([{ kind: 'dns', value: kit.own.serviceDns }], false);
  return forge(kit, { attributes: [extensionRequest(...[own, ...extensions].map(encodeExtension))] });
}

/** PEM of a request's DER. */
export function requestPem(der: Uint8Array): Uint8Array {
  return utf8(encodePem('CERTIFICATE REQUEST', der));
}

/** A subject of one common name. */
export function commonName(value: string): Uint8Array {
  return encodeName([[{ oid: '2.5.4.3', value }]]).der;
}

/** An attribute of one value. */
export function attribute(oid: string, ...values: readonly Uint8Array[]): Uint8Array {
  return encodeSequence(encodeOidElement(oid), encodeElement(TAG.set, ...values));
}

/** A PKCS#9 extensionRequest of Extension elements. */
export function extensionRequest(...extensions: readonly Uint8Array[]): Uint8Array {
  return attribute(EXTENSION_REQUEST, encodeSequence(...extensions));
}

/** A PKCS#9 extensionRequest for names. */
export function sanAttribute(...names: readonly GeneralName[]): Uint8Array {
  return extensionRequest(encodeExtension(subjectAltNameExtension(names, false)));
}
