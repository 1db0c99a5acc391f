import { equalBytes, parseUtf8 } from '../base/bytes.js';
import { CountersignError, messageOf } from '../base/error.js';
import { parsePrivateKeyPem, type PrivateKey } from '../crypto/private-key.js';
import { type Certificate, parseCertificate } from '../x509/certificate.js';
import { parseCertificationRequest } from '../x509/certification-request.js';
import { decodePem, encodePem, type PemBlock } from '../x509/pem.js';
import { parseSubjectPublicKeyInfo, type SubjectPublicKeyInfo } from '../x509/public-key.js';
import { type DecodedRequest, examine } from './decoded-request.js';

/** One thing found in a file. */
export type Inspected =
  | { readonly kind: 'certificate'; readonly certificate: Certificate }
  | { readonly kind: 'request'; readonly decoded: DecodedRequest & { readonly kind: 'request' } }
  | { readonly kind: 'private key'; readonly key: PrivateKey; readonly pemType: string }
  | { readonly kind: 'encrypted key'; readonly pemType: string }
  | { readonly kind: 'public key'; readonly publicKey: SubjectPublicKeyInfo }
  | { readonly kind: 'unreadable'; readonly pemType: string; readonly detail: string };

/** DER kinds in the order in which they are tried; the first that reads the whole input wins. */
const DER_TYPES = [
  'CERTIFICATE',
  'CERTIFICATE REQUEST',
  'PUBLIC KEY',
  'PRIVATE KEY',
  'EC PRIVATE KEY',
  'RSA PRIVATE KEY',
];

/**
 * Everything in a file, PEM or DER, in order. What cannot be read is an item with the reason, so that one broken block
 * does not hide the others. Refuses (PEM_INVALID) input that is neither.
 */
export function inspectBytes(bytes: Uint8Array, passphrase: string | undefined): readonly Inspected[] {
  const blocks = decodePem(bytes);
  if (blocks.length > 0) return blocks.map((block) => inspectBlock(block, passphrase));
  if (bytes.length === 0) throw new CountersignError('PEM_INVALID', 'Cannot inspect: the input is empty');
  if (bytes[0] === 0x30) return [inspectDer(bytes, passphrase)];
  const looksLikePem = parseUtf8(bytes)?.includes('-----BEGIN') === true;
  const why = looksLikePem
    ? 'the PEM in it is damaged: BEGIN and END lines must match and the text between them must be base64'
    : 'it is neither PEM nor DER';
  throw new CountersignError('PEM_INVALID', `Cannot inspect: ${why}`);
}

function inspectDer(der: Uint8Array, passphrase: string | undefined): Inspected {
  const details: string[] = [];
  for (const type of DER_TYPES) {
    const item = inspectBlock({ type, headers: new Map(), bytes: der }, passphrase);
    if (item.kind !== 'unreadable') return item;
    details.push(item.detail);
  }
  return { kind: 'unreadable', pemType: 'DER', detail: details[0] ?? '' };
}

function inspectBlock(block: PemBlock, passphrase: string | undefined): Inspected {
  try {
    switch (block.type) {
      case 'CERTIFICATE':
      case 'X509 CERTIFICATE':
      case 'TRUSTED CERTIFICATE':
        return { kind: 'certificate', certificate: parseCertificate(block.bytes) };
      case 'CERTIFICATE REQUEST':
      case 'NEW CERTIFICATE REQUEST':
        return { kind: 'request', decoded: examine(parseCertificationRequest(block.bytes)) };
      case 'PUBLIC KEY':
        return { kind: 'public key', publicKey: parseSubjectPublicKeyInfo(block.bytes) };
      default:
        if (block.type.endsWith('PRIVATE KEY')) return inspectKey(block, passphrase);
        return { kind: 'unreadable', pemType: block.type, detail: 'nothing here reads this kind of block' };
    }
  } catch (error) {
    return { kind: 'unreadable', pemType: block.type, detail: messageOf(error) };
  }
}

function inspectKey(block: PemBlock, passphrase: string | undefined): Inspected {
  try {
    const key = parsePrivateKeyPem(pemOf(block), passphrase);
    return { kind: 'private key', key, pemType: block.type };
  } catch (error) {
    const locked = error instanceof CountersignError && error.code === 'KEY_PASSPHRASE_REQUIRED';
    if (locked) return { kind: 'encrypted key', pemType: block.type };
    throw error;
  }
}

/** The block as text again, with the headers that an encrypted traditional key needs. */
function pemOf(block: PemBlock): string {
  const pem = encodePem(block.type, block.bytes);
  if (block.headers.size === 0) return pem;
  const headers = [...block.headers].map(([name, value]) => `${name}: ${value}\n`).join('');
  const firstLine = pem.indexOf('\n') + 1;
  return `${pem.slice(0, firstLine)}${headers}\n${pem.slice(firstLine)}`;
}

/** SubjectPublicKeyInfo of an item; undefined where it has none. */
export function publicKeyOfItem(item: Inspected): Uint8Array | undefined {
  switch (item.kind) {
    case 'certificate':
      return item.certificate.publicKey.der;
    case 'request':
      return item.decoded.request.publicKey.der;
    case 'private key':
      return item.key.publicKeyDer;
    case 'public key':
      return item.publicKey.der;
    case 'encrypted key':
    case 'unreadable':
      return undefined;
  }
}

/** How the items belong together: which keys match, which certificate signed which. One sentence each. */
export function relations(items: readonly Inspected[]): readonly string[] {
  const sentences: string[] = [];
  for (const [i, key] of items.entries()) {
    if (key.kind !== 'private key') continue;
    const others = items.flatMap((item, j) =>
      j !== i && item.kind !== 'private key' && publicKeyOfItem(item) ? [j] : [],
    );
    for (const j of others) {
      const der = items[j] === undefined ? undefined : publicKeyOfItem(items[j]);
      if (der !== undefined && equalBytes(der, key.key.publicKeyDer)) {
        sentences.push(`The private key of item ${i + 1} belongs to item ${j + 1}`);
      }
    }
    if (others.length > 0 && !sentences.some((s) => s.startsWith(`The private key of item ${i + 1} `))) {
      sentences.push(`The private key of item ${i + 1} belongs to NONE of the others`);
    }
  }
  return [...sentences, ...chainRelations(items)];
}

function chainRelations(items: readonly Inspected[]): readonly string[] {
  return items.flatMap((item, i) => {
    if (item.kind !== 'certificate') return [];
    const { issuer, subject } = item.certificate;
    if (equalBytes(issuer.der, subject.der)) return [];
    const parent = items.findIndex(
      (other, j) => j !== i && other.kind === 'certificate' && equalBytes(other.certificate.subject.der, issuer.der),
    );
    return parent < 0 ? [] : [`The certificate of item ${i + 1} names item ${parent + 1} as its issuer`];
  });
}
