import { createCertificationRequest } from '../../src/crypto/certification-request.js';
import { generateKeyPair } from '../../src/crypto/generate-key-pair.js';
import { encodeNull } from '../../src/asn1/der-writer.js';
import { toHex } from '../../src/base/bytes.js';
import { toUnixSeconds } from '../../src/base/clock.js';
import {
  assembleCertificate,
  authorityKeyIdentifierExtension,
  basicConstraintsExtension,
  encodeName,
  encodeTbsCertificate,
  EXTENDED_KEY_USAGE,
  extKeyUsageExtension,
  keyUsageExtension,
  nameConstraintsExtension,
  subjectAltNameExtension,
  subjectKeyIdentifierExtension,
  type GeneralName,
} from '../../src/x509/index.js';

const NAMES: readonly GeneralName[] = [
  { kind: 'dns', value: 'a.example.com' },
  { kind: 'dns', value: '*.example.com' },
  { kind: 'ip', bytes: Uint8Array.of(10, 0, 0, 1) },
  { kind: 'uri', value: 'spiffe://a/ns/b/sa/c' },
  { kind: 'email', value: 'a@example.com' },
  { kind: 'directoryName', name: encodeName([[{ oid: '2.5.4.3', value: 'x' }]]) },
  { kind: 'registeredId', oid: '1.2.3.4' },
  { kind: 'otherName', oid: '1.2.3', valueDer: encodeNull() },
];

const SUBJECT = [
  [{ oid: '2.5.4.6', value: 'CH' }],
  [
    { oid: '2.5.4.10', value: 'Example' },
    { oid: '2.5.4.10', value: 'Zürich' },
  ],
  [{ oid: '2.5.4.3', value: 'a.example.com' }],
];

/** New requests and certificates with everything in them, for corpus.json: their keys are made and thrown away. */
async function makeCorpus(): Promise<{
  readonly requests: readonly Uint8Array[];
  readonly certificates: readonly Uint8Array[];
}> {
  const requests: Uint8Array[] = [];
  const certificates: Uint8Array[] = [];
  for (const spec of ['ecdsa-p256', 'rsa-2048', 'ed25519'] as const) {
    const key = await generateKeyPair(spec);
    requests.push(
      await createCertificationRequest(key, {
        subject: SUBJECT,
        subjectAltNames: NAMES,
        extensions: [keyUsageExtension(new Set(['digitalSignature'])), basicConstraintsExtension({ ca: false })],
      }),
    );
    const tbs = encodeTbsCertificate({
      serialNumber: Uint8Array.of(0x80, 1, 2, 3, 4, 5, 6, 7),
      signatureAlgorithm: key.signatureAlgorithm,
      issuer: encodeName([[{ oid: '2.5.4.3', value: 'ca' }]]),
      notBefore: toUnixSeconds(1_700_000_000),
      notAfter: toUnixSeconds(2_600_000_000),
      subject: encodeName(SUBJECT),
      publicKeyDer: key.publicKeyDer,
      extensions: [
        keyUsageExtension(new Set(['keyCertSign', 'decipherOnly'])),
        basicConstraintsExtension({ ca: true, pathLength: 2 }),
        extKeyUsageExtension([EXTENDED_KEY_USAGE.serverAuth, EXTENDED_KEY_USAGE.clientAuth]),
        subjectKeyIdentifierExtension(Uint8Array.of(1, 2, 3)),
        authorityKeyIdentifierExtension(Uint8Array.of(4, 5, 6)),
        subjectAltNameExtension(NAMES, false),
        nameConstraintsExtension({
          permitted: [{ kind: 'dns', value: 'example.com' }],
          excluded: [{ kind: 'ip', address: Uint8Array.of(10, 0, 0, 0), mask: Uint8Array.of(255, 0, 0, 0) }],
        }),
      ],
    });
    certificates.push(assembleCertificate(tbs, key.signatureAlgorithm, await key.sign(tbs)));
  }
  return { requests, certificates };
}

const hex = (all: readonly Uint8Array[]): readonly string[] => all.map((der) => toHex(der));
const { requests, certificates } = await makeCorpus();
process.stdout.write(`${JSON.stringify({ requests: hex(requests), certificates: hex(certificates) }, null, 2)}\n`);
