import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { toHex } from '../../src/base/bytes.js';
import { createCertificationRequest, verifyCertificationRequest } from '../../src/crypto/certification-request.js';
import { generateKeyPair, KEY_SPECS, type KeySpec } from '../../src/crypto/generate-key-pair.js';
import type { PrivateKey } from '../../src/crypto/private-key.js';
import { verifySignature } from '../../src/crypto/verify-signature.js';
import {
  decodePem,
  describePublicKey,
  encodeName,
  encodePem,
  EXTENDED_KEY_USAGE,
  extKeyUsageExtension,
  formatGeneralName,
  formatName,
  matchesHostname,
  nameConstraintsExtension,
  parseApiRequest,
  parseCertificate,
  parseIp,
  strictFindings,
  verifyChain,
  type Certificate,
  type Extension,
  type GeneralName,
  type Subtree,
} from '../../src/x509/index.js';
import { requireTool } from '../tools.js';
import { NOW, pemOf, sign, Workbench } from './judge.js';

const NAMES: readonly GeneralName[] = [
  { kind: 'dns', value: 'a.example.com' },
  { kind: 'dns', value: '*.b.example.com' },
  { kind: 'ip', bytes: Uint8Array.of(10, 0, 0, 1) },
  { kind: 'ip', bytes: parseIp('2001:db8::1') ?? new Uint8Array() },
  { kind: 'uri', value: 'spiffe://cluster.local/ns/a/sa/b' },
  { kind: 'email', value: 'a@example.com' },
];

for (const spec of KEY_SPECS) {
  test(`openssl verifies our request of ${spec} and reads what we wrote`, async (t) => {
    if (!requireTool(t, 'openssl')) return;
    const bench = new Workbench(t);
    const der = await createCertificationRequest(await generateKeyPair(spec), {
      subject: [
        [{ oid: '2.5.4.6', value: 'CH' }],
        [
          { oid: '2.5.4.10', value: 'Example & Co' },
          { oid: '2.5.4.11', value: 'Zürich' },
        ],
        [{ oid: '2.5.4.3', value: 'a.example.com' }],
      ],
      subjectAltNames: NAMES,
    });
    const file = bench.file('request.pem', encodePem('CERTIFICATE REQUEST', der));
    const text = bench.run('openssl', [
      'req',
      '-in',
      file,
      '-noout',
      '-verify',
      '-text',
      '-nameopt',
      'utf8,sep_comma_plus_space',
    ]);
    assert.match(text, /Subject: C=CH, OU=Zürich \+ O=Example & Co, CN=a\.example\.com/);
    assert.match(
      text,
      /DNS:a\.example\.com, DNS:\*\.b\.example\.com, IP Address:10\.0\.0\.1, IP Address:2001:DB8:0:0:0:0:0:1/,
    );
    assert.match(text, /URI:spiffe:\/\/cluster\.local\/ns\/a\/sa\/b, email:a@example\.com/);
  });
}

const CONFIG = `
[req]
distinguished_name = dn
req_extensions = ext
prompt = no
utf8 = yes
[dn]
C = CH
0.O = first
1.O = second
CN = a.example.com
[ext]
subjectAltName = @names
keyUsage = digitalSignature
basicConstraints = CA:FALSE
[names]
DNS.1 = a.example.com
IP.1 = 10.0.0.1
IP.2 = 2001:db8::1
URI.1 = https://a.example.com/x
email.1 = a@example.com
RID.1 = 1.2.3.4
otherName.1 = 1.3.6.1.4.1.311.20.2.3;UTF8:user@domain
dirName.1 = dn
`;

const requests: readonly (readonly [string, readonly string[], string])[] = [
  ['RSA', ['-newkey', 'rsa:2048'], 'RSA 2048'],
  ['RSA of 1024 bits', ['-newkey', 'rsa:1024'], 'RSA 1024'],
  ['RSA with SHA-1', ['-newkey', 'rsa:2048', '-sha1'], 'RSA 2048'],
  ['RSA with SHA-512', ['-newkey', 'rsa:2048', '-sha512'], 'RSA 2048'],
  ['RSA-PSS', ['-newkey', 'rsa:2048', '-sigopt', 'rsa_padding_mode:pss', '-sigopt', 'rsa_pss_saltlen:32'], 'RSA 2048'],
  ['P-224', ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:secp224r1'], 'ECDSA P-224'],
  ['P-256', ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'], 'ECDSA P-256'],
  ['P-384', ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:secp384r1', '-sha384'], 'ECDSA P-384'],
  ['P-521', ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:secp521r1', '-sha512'], 'ECDSA P-521'],
  ['Ed25519', ['-newkey', 'ed25519'], 'Ed25519'],
];
for (const [what, args, key] of requests) {
  test(`we read and verify the request of ${what} that openssl writes, with every name in it`, (t) => {
    if (!requireTool(t, 'openssl')) return;
    const bench = new Workbench(t);
    const config = bench.file('req.cnf', CONFIG);
    const pem = bench.run('openssl', ['req', '-new', '-nodes', '-config', config, '-keyout', 'key.pem', ...args]);
    const request = parseApiRequest(Buffer.from(pem));
    assert.equal(verifyCertificationRequest(request).kind, 'valid');
    assert.equal(describePublicKey(request.publicKey), key);
    assert.equal(formatName(request.subject, 'openssl'), 'C = CH, O = first, O = second, CN = a.example.com');
    assert.deepEqual(request.subjectAltNames.map(formatGeneralName), [
      'DNS:a.example.com',
      'IP Address:10.0.0.1',
      'IP Address:2001:db8::1',
      'URI:https://a.example.com/x',
      'email:a@example.com',
      'Registered ID:1.2.3.4',
      'othername:1.3.6.1.4.1.311.20.2.3:0c0b7573657240646f6d61696e',
      'DirName:CN=a.example.com,O=second,O=first,C=CH',
    ]);
    const kinds = strictFindings(request).filter(({ rule }) => rule === 'san-kind');
    assert.equal(kinds.length, 3);
  });
}

for (const [what, args, detail] of [
  ['secp256k1', ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:secp256k1'], 'x509: unsupported elliptic curve'],
  ['Ed448', ['-newkey', 'ed448'], 'x509: cannot verify signature: algorithm unimplemented'],
  ['MD5', ['-newkey', 'rsa:2048', '-md5'], 'x509: cannot verify signature: insecure algorithm MD5-RSA'],
  [
    'RSA-PSS with another salt',
    ['-newkey', 'rsa:2048', '-sigopt', 'rsa_padding_mode:pss', '-sigopt', 'rsa_pss_saltlen:20'],
    'x509: cannot verify signature: algorithm unimplemented',
  ],
  [
    'RSA of 768 bits',
    ['-newkey', 'rsa:768'],
    'crypto/rsa: 768-bit keys are insecure (see https://go.dev/pkg/crypto/rsa#hdr-Minimum_key_size)',
  ],
] as const) {
  test(`we refuse the request of ${what} that openssl writes, in the words of the API`, (t) => {
    if (!requireTool(t, 'openssl')) return;
    const bench = new Workbench(t);
    const config = bench.file('req.cnf', CONFIG);
    const pem = bench.run('openssl', ['req', '-new', '-nodes', '-config', config, '-keyout', 'key.pem', ...args]);
    let answer: string;
    try {
      const verdict = verifyCertificationRequest(parseApiRequest(Buffer.from(pem)));
      answer = verdict.kind === 'valid' ? 'valid' : verdict.detail;
    } catch (error) {
      answer = error instanceof Error ? error.message : '';
    }
    assert.equal(answer, detail);
  });
}

interface Chain {
  readonly root: Certificate;
  readonly middle: Certificate;
  readonly leaf: Certificate;
}

interface ChainWish {
  readonly names?: readonly GeneralName[];
  readonly rootPathLength?: number;
  readonly rootExtensions?: readonly Extension[];
  readonly middleExtensions?: readonly Extension[];
  readonly leafExtensions?: readonly Extension[];
  readonly middleIsCa?: boolean;
  readonly leafNotAfter?: number;
  readonly middleNotBefore?: number;
  readonly middleSignedBy?: PrivateKey;
}

async function chainOf(spec: KeySpec, wish: ChainWish = {}): Promise<Chain> {
  const [rootKey, middleKey, leafKey] = [
    await generateKeyPair(spec),
    await generateKeyPair(spec),
    await generateKeyPair(spec),
  ];
  const rootIssuer = { subject: 'root', key: rootKey };
  const path = wish.rootPathLength === undefined ? {} : { pathLength: wish.rootPathLength };
  return {
    root: await sign({
      subject: 'root',
      key: rootKey,
      issuer: rootIssuer,
      ca: true,
      extensions: wish.rootExtensions ?? [],
      ...path,
    }),
    middle: await sign({
      subject: 'middle',
      key: middleKey,
      issuer: { subject: 'root', key: wish.middleSignedBy ?? rootKey },
      ca: wish.middleIsCa ?? true,
      notBefore: wish.middleNotBefore ?? -60,
      extensions: wish.middleExtensions ?? [],
    }),
    leaf: await sign({
      subject: 'leaf',
      key: leafKey,
      issuer: { subject: 'middle', key: middleKey },
      names: wish.names ?? [{ kind: 'dns', value: 'a.example.com' }],
      notAfter: wish.leafNotAfter ?? 3_600,
      extensions: wish.leafExtensions ?? [],
    }),
  };
}

/** What openssl and we say about a chain, asked for a TLS server of this name. */
function verdicts(
  bench: Workbench,
  { root, middle, leaf }: Chain,
  hostname: string,
): { openssl: boolean; ours: boolean } {
  const isIp = parseIp(hostname) !== undefined;
  const openssl = bench.succeeds('openssl', [
    'verify',
    '-x509_strict',
    '-purpose',
    'sslserver',
    ...['-CAfile', bench.file('root.pem', pemOf(root))],
    ...['-untrusted', bench.file('middle.pem', pemOf(middle))],
    ...[isIp ? '-verify_ip' : '-verify_hostname', hostname],
    bench.file('leaf.pem', pemOf(leaf)),
  ]);
  const question = { leaf, intermediates: [middle], roots: [root], now: NOW, hostname, verifySignature };
  return { openssl, ours: verifyChain({ ...question, usage: EXTENDED_KEY_USAGE.serverAuth }).kind === 'trusted' };
}

for (const spec of KEY_SPECS.filter((candidate) => !candidate.startsWith('rsa-3') && !candidate.startsWith('rsa-4'))) {
  test(`openssl trusts a chain of ${spec} that we signed, and so do we`, async (t) => {
    if (!requireTool(t, 'openssl')) return;
    const bench = new Workbench(t);
    assert.deepEqual(verdicts(bench, await chainOf(spec), 'a.example.com'), { openssl: true, ours: true });
    assert.deepEqual(verdicts(bench, await chainOf(spec), 'b.example.com'), { openssl: false, ours: false });
  });
}

const only = (...permitted: readonly Subtree[]): Extension => nameConstraintsExtension({ permitted, excluded: [] });
const never = (...excluded: readonly Subtree[]): Extension => nameConstraintsExtension({ permitted: [], excluded });
const net = (address: string, mask: string): Subtree => ({
  kind: 'ip',
  address: parseIp(address) ?? new Uint8Array(),
  mask: parseIp(mask) ?? new Uint8Array(),
});
const ip: readonly GeneralName[] = [{ kind: 'ip', bytes: Uint8Array.of(10, 1, 2, 3) }];
const wild: readonly GeneralName[] = [{ kind: 'dns', value: '*.example.com' }];
const email: readonly GeneralName[] = [
  { kind: 'dns', value: 'a.example.com' },
  { kind: 'email', value: 'a@x.example.com' },
];

const judged: readonly (readonly [string, ChainWish, string, boolean])[] = [
  ['a wildcard', { names: wild }, 'a.example.com', true],
  ['a wildcard over two labels', { names: wild }, 'a.b.example.com', false],
  ['an IP address', { names: ip }, '10.1.2.3', true],
  ['another IP address', { names: ip }, '10.1.2.4', false],
  ['a path length that suffices', { rootPathLength: 1 }, 'a.example.com', true],
  ['a path length that does not', { rootPathLength: 0 }, 'a.example.com', false],
  ['an intermediate that is no CA', { middleIsCa: false }, 'a.example.com', false],
  ['an expired leaf', { leafNotAfter: -10 }, 'a.example.com', false],
  ['an intermediate of tomorrow', { middleNotBefore: 600 }, 'a.example.com', false],
  [
    'a usage that fits',
    { leafExtensions: [extKeyUsageExtension([EXTENDED_KEY_USAGE.serverAuth])] },
    'a.example.com',
    true,
  ],
  [
    'a usage that does not',
    { leafExtensions: [extKeyUsageExtension([EXTENDED_KEY_USAGE.clientAuth])] },
    'a.example.com',
    false,
  ],
  [
    'a usage of the intermediate that does not',
    { middleExtensions: [extKeyUsageExtension([EXTENDED_KEY_USAGE.clientAuth])] },
    'a.example.com',
    false,
  ],
  [
    'an unknown critical extension',
    { leafExtensions: [{ oid: '1.2.3.4', critical: true, value: Uint8Array.of(5, 0) }] },
    'a.example.com',
    false,
  ],
  ['a permitted domain', { middleExtensions: [only({ kind: 'dns', value: 'example.com' })] }, 'a.example.com', true],
  [
    'a domain that is not permitted',
    { middleExtensions: [only({ kind: 'dns', value: 'example.org' })] },
    'a.example.com',
    false,
  ],
  ['an excluded domain', { middleExtensions: [never({ kind: 'dns', value: 'example.com' })] }, 'a.example.com', false],
  [
    'an excluded other domain',
    { middleExtensions: [never({ kind: 'dns', value: 'b.example.com' })] },
    'a.example.com',
    true,
  ],
  [
    'a domain permitted by the root',
    { rootExtensions: [only({ kind: 'dns', value: 'example.com' })] },
    'a.example.com',
    true,
  ],
  ['a permitted network', { names: ip, middleExtensions: [only(net('10.0.0.0', '255.0.0.0'))] }, '10.1.2.3', true],
  [
    'a network that is not permitted',
    { names: ip, middleExtensions: [only(net('11.0.0.0', '255.0.0.0'))] },
    '10.1.2.3',
    false,
  ],
  ['an excluded network', { names: ip, middleExtensions: [never(net('10.1.0.0', '255.255.0.0'))] }, '10.1.2.3', false],
  [
    'a permitted mail domain',
    { names: email, middleExtensions: [only({ kind: 'email', value: '.example.com' })] },
    'a.example.com',
    true,
  ],
  [
    'a mail host that is not permitted',
    { names: email, middleExtensions: [only({ kind: 'email', value: 'example.com' })] },
    'a.example.com',
    false,
  ],
];
for (const [what, wish, hostname, trusted] of judged) {
  test(`openssl and we agree: ${what} is ${trusted ? '' : 'not '}trusted`, async (t) => {
    if (!requireTool(t, 'openssl')) return;
    const chain = await chainOf('ecdsa-p256', wish);
    assert.deepEqual(verdicts(new Workbench(t), chain, hostname), { openssl: trusted, ours: trusted });
  });
}

test('openssl and we agree that a stranger’s signature is not trusted', async (t) => {
  if (!requireTool(t, 'openssl')) return;
  const chain = await chainOf('ecdsa-p256', { middleSignedBy: await generateKeyPair('ecdsa-p256') });
  assert.deepEqual(verdicts(new Workbench(t), chain, 'a.example.com'), { openssl: false, ours: false });
});

test('we read the self-signed certificate that openssl writes as Node reads it', (t) => {
  if (!requireTool(t, 'openssl')) return;
  const bench = new Workbench(t);
  const config = bench.file('req.cnf', CONFIG.replace('req_extensions', 'x509_extensions'));
  const pem = bench.run('openssl', [
    ...['req', '-x509', '-new', '-nodes', '-config', config, '-keyout', 'key.pem'],
    ...['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-days', '40000'],
  ]);
  const ours = parseCertificate(decodePem(pem)[0]?.bytes ?? new Uint8Array());
  const theirs = new X509Certificate(pem);
  assert.equal(toHex(ours.serialNumber), theirs.serialNumber.toLowerCase());
  assert.equal(ours.notBefore, Date.parse(theirs.validFrom) / 1000);
  assert.equal(ours.notAfter, Date.parse(theirs.validTo) / 1000);
  assert.ok(ours.notAfter > Date.parse('2050-01-01T00:00:00Z') / 1000);
  assert.deepEqual(Buffer.from(ours.publicKey.der), theirs.publicKey.export({ type: 'spki', format: 'der' }));
  assert.equal(verifySignature(ours.publicKey, ours.signatureAlgorithm, ours.tbsDer, ours.signature).kind, 'valid');
  for (const hostname of ['a.example.com', 'A.example.com', 'b.example.com', '10.0.0.1', '2001:db8::1', '10.0.0.2']) {
    const match =
      parseIp(hostname) === undefined ? theirs.checkHost(hostname, { subject: 'never' }) : theirs.checkIP(hostname);
    assert.equal(matchesHostname(ours, hostname), match !== undefined, hostname);
  }
});

test('Node reads our certificate as we read it', async () => {
  const key = await generateKeyPair('ecdsa-p384');
  const ours = await sign({
    subject: 'a & "b"',
    key,
    issuer: { subject: 'ca', key },
    names: NAMES,
    ca: true,
    pathLength: 0,
  });
  const theirs = new X509Certificate(ours.der);
  assert.equal(theirs.ca, true);
  assert.equal(theirs.subject, 'CN=a & \\"b\\"');
  assert.equal(theirs.serialNumber.toLowerCase(), toHex(ours.serialNumber));
  assert.equal(Date.parse(theirs.validTo) / 1000, ours.notAfter);
  assert.match(theirs.subjectAltName ?? '', /^DNS:a\.example\.com, DNS:\*\.b\.example\.com, IP Address:10\.0\.0\.1, /);
  assert.equal(theirs.verify(theirs.publicKey), true);
  assert.deepEqual(ours.subject, encodeName([[{ oid: '2.5.4.3', value: 'a & "b"' }]]));
});
