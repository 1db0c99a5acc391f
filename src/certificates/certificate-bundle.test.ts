import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseCertificateBundle } from './certificate-bundle.js';
import { CERTIFICATE_PEM, inBase64, REQUEST_PEM } from './testing/samples.js';

function block(type: string, body: string): string {
  return `-----BEGIN ${type}-----\n${body}-----END ${type}-----\n`;
}

const refused: readonly { readonly name: string; readonly text: string; readonly detail: string | RegExp }[] = [
  { name: 'text without PEM', text: 'hello', detail: 'must contain at least one CERTIFICATE PEM block' },
  {
    name: 'a request',
    text: REQUEST_PEM,
    detail: 'only CERTIFICATE PEM blocks are allowed, found "CERTIFICATE REQUEST"',
  },
  {
    name: 'a key after a certificate',
    text: CERTIFICATE_PEM + block('PRIVATE KEY', 'AAAA\n'),
    detail: 'only CERTIFICATE PEM blocks are allowed, found "PRIVATE KEY"',
  },
  { name: 'headers', text: block('CERTIFICATE', 'h: v\n\nMAA=\n'), detail: 'no PEM block headers are permitted' },
  {
    name: 'an empty block',
    text: block('CERTIFICATE', ''),
    detail: 'found CERTIFICATE PEM block containing 0 certificates',
  },
  { name: 'a block that is no certificate', text: block('CERTIFICATE', 'MAA=\n'), detail: /^x509: / },
];

for (const { name, text, detail } of refused) {
  test(`refuses ${name}`, () => {
    const result = parseCertificateBundle(inBase64(text));
    assert.equal(result.kind, 'invalid');
    if (typeof detail === 'string') assert.equal(result.detail, detail);
    else assert.match(result.detail, detail);
  });
}

test('reads several blocks with text before, between and after them', () => {
  const result = parseCertificateBundle(inBase64(`leaf\n${CERTIFICATE_PEM}then\n${CERTIFICATE_PEM}end`));
  assert.equal(result.kind, 'bundle');
  assert.equal(result.certificates.length, 2);
});

test('reads several certificates in one block', () => {
  const body = CERTIFICATE_PEM.split('\n').slice(1, -2).join('');
  const der = Buffer.from(body, 'base64');
  const twice = Buffer.concat([der, der]).toString('base64');
  const result = parseCertificateBundle(inBase64(block('CERTIFICATE', `${twice}\n`)));
  assert.equal(result.kind === 'bundle' ? result.certificates.length : result.detail, 2);
});

test('skips a block that is no PEM, as Go does', () => {
  const broken = '-----BEGIN CERTIFICATE-----\n!!!\n-----END CERTIFICATE-----\n';
  assert.equal(parseCertificateBundle(inBase64(broken + CERTIFICATE_PEM)).kind, 'bundle');
});
