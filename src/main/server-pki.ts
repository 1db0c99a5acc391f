import type { Random } from '../base/bytes.js';
import type { Clock, UnixSeconds } from '../base/clock.js';
import { secondsOf } from '../base/clock.js';
import { CountersignError } from '../base/error.js';
import type { CaMaterial } from '../authority/ca-material.js';
import { createCertificateAuthority } from '../authority/certificate-authority.js';
import type { CertificateAuthority } from '../authority/certificate-authority.js';
import { parseSigningProfile } from '../authority/signing-profile.js';
import { createCertificationRequest } from '../crypto/certification-request.js';
import { generateKeyPair } from '../crypto/generate-key-pair.js';
import { exportPrivateKeyPem } from '../crypto/private-key.js';
import { parseCertificate } from '../x509/certificate.js';
import { parseCertificationRequest } from '../x509/certification-request.js';
import type { GeneralName } from '../x509/general-name.js';
import { parseIp } from '../x509/general-name.js';
import { ATTRIBUTE } from '../x509/name.js';
import type { NameInput } from '../x509/name.js';
import { firstPemBlock } from '../x509/pem.js';
import type { SubjectPublicKeyInfo } from '../x509/public-key.js';
import { openCaFiles, openKeyFile } from './ca-files.js';
import type { KeyFiles } from './key-files.js';
import { openRecordTrust } from './record-trust.js';

/** A certificate chain and its key, PEM, and when a new pair is due. */
export interface Credential {
  readonly certificatePem: string;
  readonly keyPem: string;
  readonly renewAt: UnixSeconds;
}

/** What the server's own authorities sign: never a workload's certificate. */
export interface ServerPki {
  /** Signs the API server's serving certificate; published as `kube-root-ca.crt`. */
  readonly serverCaPem: string;
  /** Signs client certificates that the API server trusts. */
  readonly clientCaPem: string;
  /** The same, with its key: for the signers of clients of the API server. */
  readonly clientCa: CaMaterial;
  /** Private key (PKCS#8 PEM) that signs the records of the embedded approver. */
  readonly recordKeyPem: string;
  /** Public keys by which records are known: of that key and those before it. */
  readonly recordKeys: readonly SubjectPublicKeyInfo[];
  /** The serving certificate for these host names and addresses; a new one where it is due or names changed. */
  serving(hosts: readonly string[]): Promise<Credential>;
  /** The administrator's client certificate: CN kubernetes-admin, O system:masters. */
  admin(): Promise<Credential>;
}

export interface ServerPkiOptions {
  /** Files that every replica of the server has: CAs and keys. */
  readonly shared: KeyFiles;
  /** Files of this replica alone: certificates with their keys, made anew where they are not there. */
  readonly own: KeyFiles;
  readonly clock: Clock;
  readonly random: Random;
}

const YEAR_SECONDS = 365 * 24 * 3600;

/** Opens the server's own keys and certificates, making what is missing. Keys never leave the files but by need. */
export async function openServerPki(options: ServerPkiOptions): Promise<ServerPki> {
  const { shared, own, clock } = options;
  const serverCa = authorityOf(await openCa('server-ca', 'countersign API server CA', options), options);
  const clientMaterial = await openCa('client-ca', 'countersign client CA', options);
  const clientCa = authorityOf(clientMaterial, options);
  const recordKeyPem = await openKeyFile(shared, 'approver.key');
  return {
    serverCaPem: serverCa.anchorPem,
    clientCaPem: clientCa.anchorPem,
    clientCa: clientMaterial,
    recordKeyPem,
    recordKeys: await openRecordTrust(shared, recordKeyPem),
    serving: (hosts) => credential(own, 'serving', serverCa, servingSpec(hosts), clock),
    admin: () => credential(own, 'admin', clientCa, ADMIN, clock),
  };
}

/** What the server's own authorities sign. */
const PROFILE = parseSigningProfile({
  usages: ['digital signature', 'key encipherment', 'server auth', 'client auth'],
  default: '8760h',
  max: '8760h',
});

function openCa(name: string, commonName: string, options: ServerPkiOptions): Promise<CaMaterial> {
  const { shared: files, clock, random } = options;
  return openCaFiles({ files, name, commonName, now: secondsOf(clock), random });
}

function authorityOf(material: CaMaterial, { clock, random }: ServerPkiOptions): CertificateAuthority {
  return createCertificateAuthority(material, PROFILE, { clock, random });
}

/** What a certificate of the server's own says. */
interface CredentialSpec {
  readonly subject: NameInput;
  readonly names: readonly GeneralName[];
  readonly usages: readonly string[];
}

const ADMIN: CredentialSpec = {
  subject: [
    [{ oid: ATTRIBUTE.organization, value: 'system:masters' }],
    [{ oid: ATTRIBUTE.commonName, value: 'kubernetes-admin' }],
  ],
  names: [],
  usages: ['digital signature', 'client auth'],
};

function servingSpec(hosts: readonly string[]): CredentialSpec {
  const names = [...new Set(hosts)].map((host): GeneralName => {
    const bytes = parseIp(host);
    return bytes === undefined ? { kind: 'dns', value: host } : { kind: 'ip', bytes };
  });
  return {
    subject: [[{ oid: ATTRIBUTE.commonName, value: 'kube-apiserver' }]],
    names,
    usages: ['digital signature', 'server auth'],
  };
}

/** The stored credential while it lives and says what it must; else a new key and certificate. */
async function credential(
  files: KeyFiles,
  name: string,
  ca: CertificateAuthority,
  spec: CredentialSpec,
  clock: Clock,
): Promise<Credential> {
  // One file holds certificate and key, so that a crash cannot leave a pair that does not match.
  const stored = await files.read(`${name}.json`);
  const now = secondsOf(clock);
  const known = stored === undefined ? undefined : parseStored(stored);
  const wanted = JSON.stringify([
    spec.usages,
    spec.names.map((n) => ('value' in n ? n.value : Array.from('bytes' in n ? n.bytes : []))),
  ]);
  if (known?.wanted === wanted && known.issuer === ca.anchorPem) {
    const renewAt = renewalTime(known.certificatePem);
    if (now < renewAt) return { certificatePem: known.certificatePem, keyPem: known.keyPem, renewAt };
  }
  const key = await generateKeyPair('ecdsa-p256');
  const request = await createCertificationRequest(key, { subject: spec.subject, subjectAltNames: spec.names });
  const issued = await ca.issue({
    request: parseCertificationRequest(request),
    usages: spec.usages,
    expirationSeconds: YEAR_SECONDS,
  });
  if (issued.kind !== 'issued') {
    throw new CountersignError('CA_INVALID', `Cannot issue the server's own ${name} certificate: ${issued.message}`);
  }
  const keyPem = exportPrivateKeyPem(key, { format: 'pkcs8' });
  const record: StoredCredential = { wanted, issuer: ca.anchorPem, certificatePem: issued.certificatePem, keyPem };
  await files.write(`${name}.json`, `${JSON.stringify(record)}\n`);
  return { certificatePem: issued.certificatePem, keyPem, renewAt: renewalTime(issued.certificatePem) };
}

interface StoredCredential {
  readonly wanted: string;
  readonly issuer: string;
  readonly certificatePem: string;
  readonly keyPem: string;
}

/** What was stored; undefined, and so made anew, where the file is not what it should be. */
function parseStored(text: string): StoredCredential | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null) return undefined;
    const record = value as Readonly<Record<string, unknown>>; // an object, checked above
    const { wanted, issuer, certificatePem, keyPem } = record;
    if (typeof wanted !== 'string' || typeof issuer !== 'string') return undefined;
    if (typeof certificatePem !== 'string' || typeof keyPem !== 'string') return undefined;
    return { wanted, issuer, certificatePem, keyPem };
  } catch {
    return undefined; // JSON.parse throws for what is no JSON, and for nothing else
  }
}

/** Two thirds into the lifetime; the past where the certificate cannot be read. */
function renewalTime(pem: string): UnixSeconds {
  const block = firstPemBlock(pem);
  if (block === undefined) return 0 as UnixSeconds; // the epoch: due
  const { notBefore, notAfter } = parseCertificate(block.bytes);
  return Math.floor(notBefore + ((notAfter - notBefore) * 2) / 3) as UnixSeconds; // floored: whole seconds
}
