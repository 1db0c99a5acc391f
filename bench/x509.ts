import { createPublicKey, generateKeyPairSync, sign, verify, type KeyObject } from 'node:crypto';
import { toUnixSeconds } from '../src/base/clock.js';
import { toBase64 } from '../src/base/base64.js';
import { utf8 } from '../src/base/bytes.js';
import { createCertificationRequest } from '../src/crypto/certification-request.js';
import { random } from '../src/crypto/digest.js';
import { wrapPrivateKey, type PrivateKey } from '../src/crypto/private-key.js';
import { createRequestVerifier } from '../src/crypto/request-verifier.js';
import { assembleCertificate, encodeTbsCertificate } from '../src/x509/certificate.js';
import { parseCertificationRequest, strictFindings } from '../src/x509/certification-request.js';
import {
  authorityKeyIdentifierExtension,
  basicConstraintsExtension,
  EXTENDED_KEY_USAGE,
  extKeyUsageExtension,
  keyUsageExtension,
  subjectAltNameExtension,
} from '../src/x509/extension.js';
import { lintCertificate } from '../src/x509/lint.js';
import { encodeName } from '../src/x509/name.js';
import { encodePem } from '../src/x509/pem.js';

/** One line of the comparison. CPU time over all threads in milliseconds of one operation: other load does not count. */
export interface Row {
  readonly name: string;
  readonly ours: number;
  readonly bare: number;
  readonly ratio: number;
}

const ROUNDS = 15;
/** A server that has run for a while has its code compiled; so must this. */
const WARM_UP = 15;

/** What is measured: everything from spec.request to the signed certificate, and only OpenSSL's part of it. */
interface Subject {
  readonly name: string;
  readonly ours: () => Promise<void>;
  readonly bare: () => Promise<void>;
  readonly count: number;
}

/**
 * Reading, verifying, building and signing of one request, against the OpenSSL operations it contains: import of the public
 * key from SubjectPublicKeyInfo, verify, sign. The two take turns in rounds, and the medians are compared. `+lint` adds the
 * strict findings on the request and the linting of the certificate, which contain no operation of OpenSSL's.
 */
export async function benchX509(): Promise<Row[]> {
  const rows: Row[] = [];
  const p256 = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  const ed25519 = generateKeyPairSync('ed25519').privateKey;
  for (const lint of [false, true]) {
    const suffix = lint ? ' +lint' : '';
    for (const subject of [
      await subjectOf(`P-256${suffix}`, p256, 'sha256', 200, lint),
      await subjectOf(`RSA-2048${suffix}`, rsa, 'sha256', 60, lint),
      await subjectOf(`Ed25519${suffix}`, ed25519, null, 200, lint),
    ]) {
      rows.push(await compare(subject));
    }
  }
  return rows;
}

async function compare({ name, ours, bare, count }: Subject): Promise<Row> {
  await measure(ours, count * WARM_UP);
  await measure(bare, count);
  const times: { ours: number; bare: number }[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    times.push({ ours: await measure(ours, count), bare: await measure(bare, count) });
  }
  const oursMs = median(times.map((time) => time.ours));
  const bareMs = median(times.map((time) => time.bare));
  return { name, ours: oursMs, bare: bareMs, ratio: oursMs / bareMs };
}

async function measure(operation: () => Promise<void>, count: number): Promise<number> {
  const start = process.cpuUsage();
  for (let i = 0; i < count; i++) await operation();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000 / count;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;
}

async function subjectOf(
  name: string,
  keyObject: KeyObject,
  hash: string | null,
  count: number,
  lint: boolean,
): Promise<Subject> {
  const key = wrapPrivateKey(keyObject);
  const der = await createCertificationRequest(key, {
    subject: [[{ oid: '2.5.4.10', value: 'Example' }], [{ oid: '2.5.4.3', value: 'my-svc.my-namespace.svc' }]],
    subjectAltNames: [
      { kind: 'dns', value: 'my-svc.my-namespace.svc.cluster.local' },
      { kind: 'dns', value: 'my-pod.my-namespace.pod.cluster.local' },
      { kind: 'ip', bytes: Uint8Array.of(192, 0, 2, 24) },
      { kind: 'ip', bytes: Uint8Array.of(10, 0, 34, 2) },
    ],
  });
  const base64 = toBase64(utf8(encodePem('CERTIFICATE REQUEST', der)));
  const request = parseCertificationRequest(der);
  const verifier = createRequestVerifier({ maxTextLength: 0 }); // remembers nothing: each round is a first one
  return {
    name,
    count,
    ours: () => issue(verifier.verify(base64), key, lint),
    bare: async () => {
      const publicKey = createPublicKey({ key: Buffer.from(key.publicKeyDer), format: 'der', type: 'spki' });
      if (!verify(hash, request.infoDer, publicKey, request.signature)) throw new Error('does not verify');
      // RSA is signed off the thread by both, P-256 and Ed25519 on it.
      await (name.startsWith('RSA')
        ? key.sign(request.infoDer)
        : Promise.resolve(sign(hash, request.infoDer, keyObject)));
    },
  };
}

const issuer = encodeName([[{ oid: '2.5.4.3', value: 'Bench CA' }]]);

async function issue(
  verified: ReturnType<ReturnType<typeof createRequestVerifier>['verify']>,
  key: PrivateKey,
  lint: boolean,
): Promise<void> {
  const answer = await verified;
  if (answer.kind === 'invalid') throw new Error(answer.detail);
  const { request } = answer;
  const now = 1_700_000_000;
  const model = {
    serialNumber: random(16),
    signatureAlgorithm: key.signatureAlgorithm,
    issuer,
    notBefore: toUnixSeconds(now),
    notAfter: toUnixSeconds(now + 86_400),
    subject: encodeName(request.subject.rdns.map((rdn) => rdn.map(({ oid, value }) => ({ oid, value: value ?? '' })))),
    publicKeyDer: request.publicKey.der,
    extensions: [
      keyUsageExtension(new Set(['digitalSignature', 'keyEncipherment'])),
      extKeyUsageExtension([EXTENDED_KEY_USAGE.serverAuth]),
      basicConstraintsExtension({ ca: false }),
      authorityKeyIdentifierExtension(new Uint8Array(20)),
      subjectAltNameExtension(request.subjectAltNames, false),
    ],
  };
  if (lint && strictFindings(request).length + lintCertificate(model).length > 0) throw new Error('not fit to sign');
  const tbs = encodeTbsCertificate(model);
  encodePem('CERTIFICATE', assembleCertificate(tbs, key.signatureAlgorithm, await key.sign(tbs)));
}
