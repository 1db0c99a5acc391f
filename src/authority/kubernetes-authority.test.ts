import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { toUnixSeconds } from '../base/clock.js';
import { FakeClock } from '../base/fake-clock.js';
import {
  API_CLIENT_SIGNER,
  KUBELET_CLIENT_SIGNER,
  KUBELET_SERVING_SIGNER,
} from '../certificates/kubernetes-signers.js';
import { random } from '../crypto/digest.js';
import { exportPrivateKeyPem } from '../crypto/private-key.js';
import { type Certificate, parseCertificate } from '../x509/certificate.js';
import { basicConstraintsExtension, EXTENSION } from '../x509/extension.js';
import type { GeneralName } from '../x509/general-name.js';
import { ATTRIBUTE, formatName, type NameInput } from '../x509/name.js';
import { decodePem } from '../x509/pem.js';
import { type CaMaterial, parseCaMaterial } from './ca-material.js';
import type { IssueOutcome } from './certificate-authority.js';
import { createKubernetesAuthority, DEFAULT_SIGNING_SECONDS } from './kubernetes-authority.js';
import { cn, NOW, testCertificate, testKey, testRequest, type TestCertificate } from './testing/test-certificates.js';

const HOUR = 3600;
const caKey = await testKey('cluster');
const leafKey = await testKey('leaf');
const keyPem = exportPrivateKeyPem(caKey, { format: 'pkcs8' });
const world = { clock: new FakeClock(NOW * 1000), random };
const CLIENT = ['digital signature', 'key encipherment', 'client auth'];
const organization = (...values: readonly string[]): NameInput[number] =>
  values.map((value) => ({ oid: ATTRIBUTE.organization, value }));
const NODE: NameInput = [organization('system:nodes'), ...cn('system:node:a')];
const ADDRESS: GeneralName = { kind: 'ip', bytes: new Uint8Array([10, 0, 0, 1]) };

async function ca(changes: Partial<TestCertificate> = {}): Promise<CaMaterial> {
  const certificatesPem = await testCertificate({ subject: cn('cluster'), key: caKey, ...changes });
  return parseCaMaterial({ certificatesPem, keyPem, now: NOW });
}

interface Wish {
  readonly signerName?: string;
  readonly subject?: NameInput;
  readonly names?: readonly GeneralName[];
  readonly usages?: readonly string[];
  readonly expirationSeconds?: number;
  readonly maxSeconds?: number;
  readonly material?: CaMaterial;
  readonly asksForCa?: boolean;
}

const usual = await ca();

async function issue(wish: Wish): Promise<IssueOutcome> {
  const { signerName = API_CLIENT_SIGNER, material = usual, maxSeconds = 24 * HOUR, usages = CLIENT } = wish;
  const request = await testRequest({
    key: leafKey,
    subject: wish.subject ?? cn('martha'),
    ...(wish.names === undefined ? {} : { names: wish.names }),
    ...(wish.asksForCa === true ? { extensions: [basicConstraintsExtension({ ca: true })] } : {}),
  });
  const { expirationSeconds } = wish;
  const authority = createKubernetesAuthority(signerName, material, maxSeconds, world);
  return authority.issue({ request, usages, ...(expirationSeconds === undefined ? {} : { expirationSeconds }) });
}

async function certificate(wish: Wish): Promise<Certificate> {
  const outcome = await issue(wish);
  assert.equal(outcome.kind, 'issued', 'message' in outcome ? outcome.message : '');
  const [block, ...more] = decodePem(outcome.certificatePem);
  assert.ok(block);
  assert.deepEqual(more, [], 'exactly one block');
  return parseCertificate(block.bytes);
}

const refusals: readonly { readonly name: string; readonly wish: Wish; readonly message: string | RegExp }[] = [
  {
    name: "a usage that is no client's, in the words of kube-controller-manager",
    wish: { usages: [...CLIENT, 'server auth'] },
    message: 'invalid usage for client certificate: server auth',
  },
  {
    name: 'no client auth',
    wish: { usages: ['digital signature'] },
    message: 'missing required usage for client certificate: client auth',
  },
  {
    name: 'a kubelet that is no node',
    wish: { signerName: KUBELET_CLIENT_SIGNER, subject: cn('system:node:a') },
    message: 'subject organization is not system:nodes',
  },
  {
    name: "a kubelet's server without a name",
    wish: { signerName: KUBELET_SERVING_SIGNER, subject: NODE, usages: ['digital signature', 'server auth'] },
    message: 'DNS or IP subjectAltName is required',
  },
  {
    name: 'system:masters, whoever let it in',
    wish: { subject: [organization('system:masters'), ...cn('martha')] },
    message: 'nobody is made a member of system:masters here',
  },
  {
    name: 'system:masters among others',
    wish: { subject: [organization('dev', 'system:masters'), ...cn('martha')] },
    message: 'nobody is made a member of system:masters here',
  },
  { name: 'two common names', wish: { subject: [...cn('a'), ...cn('b')] }, message: /subject\[1\]/ },
  { name: 'a request for a CA', wish: { asksForCa: true }, message: /CA/ },
];

suite('an authority that signs as kube-controller-manager does', () => {
  for (const { name, wish, message } of refusals) {
    test(`refuses ${name}`, async () => {
      const outcome = await issue(wish);
      assert.equal(outcome.kind, 'refused');
      if (typeof message === 'string') assert.equal(outcome.message, message);
      else assert.match(outcome.message, message);
    });
  }

  test('has extensions in its order, and no SubjectKeyIdentifier', async () => {
    const client = await certificate({ subject: [organization('dev', 'ops'), ...cn('martha')] });
    assert.deepEqual(
      client.extensions.map(({ oid, critical }) => [oid, critical]),
      [
        [EXTENSION.keyUsage, true],
        [EXTENSION.extKeyUsage, false],
        [EXTENSION.basicConstraints, true],
        [EXTENSION.authorityKeyIdentifier, false],
      ],
    );
    assert.deepEqual(client.basicConstraints, { ca: false });
    assert.equal(formatName(client.subject, 'openssl'), 'O = dev + O = ops, CN = martha');
    assert.deepEqual(client.publicKey.der, leafKey.publicKeyDer);
  });

  test('has no KeyUsage where no usage is one', async () => {
    const { extensions } = await certificate({ usages: ['client auth'] });
    assert.deepEqual(
      extensions.map(({ oid }) => oid),
      [EXTENSION.extKeyUsage, EXTENSION.basicConstraints, EXTENSION.authorityKeyIdentifier],
    );
  });

  test('names stand last, and are critical only where the subject is empty', async () => {
    const names: readonly GeneralName[] = [
      { kind: 'email', value: 'm@example.com' },
      { kind: 'dns', value: 'a' },
    ];
    const last = ({ extensions }: Certificate) => extensions.at(-1);
    const named = await certificate({ names });
    assert.deepEqual(
      named.subjectAltNames.map(({ kind }) => kind),
      ['dns', 'email'],
    );
    assert.deepEqual([last(named)?.oid, last(named)?.critical], [EXTENSION.subjectAltName, false]);
    assert.equal(last(await certificate({ names, subject: [] }))?.critical, true);
  });

  test('names no key of an issuer that has no identifier, or the name of the subject', async () => {
    const has = async (material: CaMaterial, subject = cn('martha')): Promise<boolean> =>
      (await certificate({ material, subject })).extensions.some(({ oid }) => oid === EXTENSION.authorityKeyIdentifier);
    assert.equal(await has(usual), true);
    assert.equal(await has(await ca({ hasKeyIdentifier: false })), false);
    assert.equal(await has(usual, cn('cluster')), false);
  });

  test('signs for kubelets', async () => {
    const client = await certificate({ signerName: KUBELET_CLIENT_SIGNER, subject: NODE });
    assert.equal(formatName(client.subject, 'openssl'), 'O = system:nodes, CN = system:node:a');
    const usages = ['digital signature', 'server auth'];
    const server = await certificate({ signerName: KUBELET_SERVING_SIGNER, subject: NODE, names: [ADDRESS], usages });
    assert.deepEqual(server.subjectAltNames, [ADDRESS]);
  });

  test('gives no chain with what an intermediate signs', async () => {
    const rootKey = await testKey('root');
    const issuer = { subject: cn('root'), key: rootKey };
    const intermediate = await testCertificate({ subject: cn('cluster'), key: caKey, issuer });
    const certificatesPem = intermediate + (await testCertificate(issuer));
    const material = parseCaMaterial({ certificatesPem, keyPem, now: NOW });
    assert.equal(formatName((await certificate({ material })).issuer, 'openssl'), 'CN = cluster');
  });

  // Of a signer of 24 hours, in seconds: what is asked for, and how long the certificate is valid in all.
  const durations: readonly (readonly [asked: number | undefined, total: number])[] = [
    [undefined, 24 * HOUR],
    [48 * HOUR, 24 * HOUR],
    [20 * HOUR, 20 * HOUR],
    [10 * HOUR, 10 * HOUR],
    [2 * HOUR, 2 * HOUR + 300],
    [1800, 2100],
    [600, 900],
    [1, 900],
  ];
  for (const [expirationSeconds, total] of durations) {
    test(`is valid for ${total} s where ${expirationSeconds ?? 'nothing'} is asked for`, async () => {
      const wish = expirationSeconds === undefined ? {} : { expirationSeconds };
      const { notBefore, notAfter } = await certificate(wish);
      assert.equal(notBefore, NOW - 300);
      assert.equal(notAfter - notBefore, total);
    });
  }

  test('ends with its CA, and waits where that has ended', async () => {
    const notAfter = toUnixSeconds(NOW + HOUR);
    const material = await ca({ notAfter });
    assert.equal((await certificate({ material })).notAfter, notAfter);
    const later = { clock: new FakeClock(notAfter * 1000), random };
    const authority = createKubernetesAuthority(API_CLIENT_SIGNER, material, DEFAULT_SIGNING_SECONDS, later);
    const request = await testRequest({ key: leafKey, subject: cn('martha') });
    const outcome = await authority.issue({ request, usages: CLIENT });
    assert.equal(outcome.kind, 'unavailable');
    assert.match(outcome.message, /^the signer has expired: NotAfter=/);
  });
});
