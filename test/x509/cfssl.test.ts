import assert from 'node:assert/strict';
import { test } from 'node:test';
import { utf8 } from '../../src/base/bytes.js';
import { createCertificationRequest, verifyCertificationRequest } from '../../src/crypto/certification-request.js';
import { generateKeyPair } from '../../src/crypto/generate-key-pair.js';
import { exportPrivateKeyPem, parsePrivateKeyPem } from '../../src/crypto/private-key.js';
import { verifySignature } from '../../src/crypto/verify-signature.js';
import {
  decodePem,
  describePublicKey,
  encodePem,
  EXTENDED_KEY_USAGE,
  formatGeneralName,
  formatName,
  parseApiRequest,
  parseCertificate,
  strictFindings,
  verifyChain,
  type Certificate,
} from '../../src/x509/index.js';
import { requireTool } from '../tools.js';
import { NOW, pemOf, sign, Workbench } from './judge.js';

const WISH = {
  hosts: ['my-svc.my-namespace.svc.cluster.local', 'a.example.com', '192.0.2.24', 'a@example.com'],
  CN: 'my-pod.my-namespace.pod.cluster.local',
  names: [{ C: 'CH', O: 'Example', OU: 'Zürich' }],
};

/** A field of cfssl's JSON answer. */
function field(json: string, name: string): string {
  const value: unknown = JSON.parse(json);
  assert.ok(typeof value === 'object' && value !== null && name in value);
  const text: unknown = Object.entries(value).find(([key]) => key === name)?.[1];
  assert.ok(typeof text === 'string');
  return text;
}

const certificateOf = (pem: string): Certificate => parseCertificate(decodePem(pem)[0]?.bytes ?? new Uint8Array());

for (const [key, description] of [
  [{ algo: 'ecdsa', size: 256 }, 'ECDSA P-256'],
  [{ algo: 'ecdsa', size: 384 }, 'ECDSA P-384'],
  [{ algo: 'ecdsa', size: 521 }, 'ECDSA P-521'],
  [{ algo: 'rsa', size: 2048 }, 'RSA 2048'],
] as const) {
  test(`we read and verify the request and the key of ${description} that cfssl writes`, (t) => {
    if (!requireTool(t, 'cfssl')) return;
    const bench = new Workbench(t);
    const json = bench.run('cfssl', [
      'genkey',
      '-loglevel',
      '4',
      bench.file('csr.json', JSON.stringify({ ...WISH, key })),
    ]);
    const request = parseApiRequest(utf8(field(json, 'csr')));
    assert.equal(verifyCertificationRequest(request).kind, 'valid');
    assert.equal(describePublicKey(request.publicKey), description);
    assert.deepEqual(strictFindings(request), []);
    assert.equal(formatName(request.subject), 'CN=my-pod.my-namespace.pod.cluster.local,OU=Zürich,O=Example,C=CH');
    assert.deepEqual(request.subjectAltNames.map(formatGeneralName).sort(), [
      'DNS:a.example.com',
      'DNS:my-svc.my-namespace.svc.cluster.local',
      'IP Address:192.0.2.24',
      'email:a@example.com',
    ]);
    assert.deepEqual(parsePrivateKeyPem(field(json, 'key')).publicKeyDer, request.publicKey.der);
  });
}

test('we trust the chain that cfssl makes', (t) => {
  if (!requireTool(t, 'cfssl')) return;
  const bench = new Workbench(t);
  const key = { algo: 'ecdsa', size: 256 };
  const ca = bench.run('cfssl', [
    'gencert',
    '-loglevel',
    '4',
    '-initca',
    bench.file('ca.json', JSON.stringify({ CN: 'My CA', key })),
  ]);
  const files = ['-ca', bench.file('ca.pem', field(ca, 'cert')), '-ca-key', bench.file('ca-key.pem', field(ca, 'key'))];
  const leaf = bench.run('cfssl', [
    'gencert',
    '-loglevel',
    '4',
    ...files,
    bench.file('csr.json', JSON.stringify({ ...WISH, key })),
  ]);
  const question = {
    leaf: certificateOf(field(leaf, 'cert')),
    intermediates: [],
    roots: [certificateOf(field(ca, 'cert'))],
  };
  const verdict = verifyChain({
    ...question,
    now: NOW,
    hostname: 'a.example.com',
    usage: EXTENDED_KEY_USAGE.serverAuth,
    verifySignature,
  });
  assert.equal(verdict.kind, 'trusted', JSON.stringify(verdict));
});

test('cfssl signs our request with our CA, and we trust what it made', async (t) => {
  if (!requireTool(t, 'cfssl')) return;
  const bench = new Workbench(t);
  const caKey = await generateKeyPair('ecdsa-p256');
  const root = await sign({ subject: 'root', key: caKey, issuer: { subject: 'root', key: caKey }, ca: true });
  const request = await createCertificationRequest(await generateKeyPair('ecdsa-p384'), {
    subject: [[{ oid: '2.5.4.3', value: 'a.example.com' }]],
    subjectAltNames: [{ kind: 'dns', value: 'a.example.com' }],
  });
  const json = bench.run('cfssl', [
    ...['sign', '-loglevel', '4', '-ca', bench.file('ca.pem', pemOf(root))],
    ...['-ca-key', bench.file('ca-key.pem', exportPrivateKeyPem(caKey, { format: 'sec1' }))],
    bench.file('request.pem', encodePem('CERTIFICATE REQUEST', request)),
  ]);
  const leaf = certificateOf(field(json, 'cert'));
  const verdict = verifyChain({
    leaf,
    intermediates: [],
    roots: [root],
    now: NOW,
    hostname: 'a.example.com',
    verifySignature,
  });
  assert.equal(verdict.kind, 'trusted', JSON.stringify(verdict));
});
