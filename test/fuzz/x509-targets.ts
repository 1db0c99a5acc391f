import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { checkDer } from '../../src/asn1/check-der.js';
import { equalBytes, toHex } from '../../src/base/bytes.js';
import { CountersignError } from '../../src/base/error.js';
import { verifyCertificationRequest } from '../../src/crypto/certification-request.js';
import {
  encodeTbsCertificate,
  formatGeneralName,
  formatName,
  lintCertificate,
  parseCertificate,
  parseCertificationRequest,
  strictFindings,
  type Certificate,
} from '../../src/x509/index.js';
import { decodePem, encodePem } from '../../src/x509/pem.js';
import { mutateDer } from './mutate-der.js';
import { arrangePem } from './mutate-pem.js';
import type { Chance } from './random.js';

/** What a run has seen, so that a fuzzer that only ever meets refusals is noticed. */
export interface Seen {
  read: number;
  refused: number;
}

/** The result of `parse`, or undefined where it refuses with an error of ours; any other error is a bug. */
function orRefused<T>(seen: Seen, parse: () => T): T | undefined {
  try {
    const value = parse();
    seen.read++;
    return value;
  } catch (error) {
    if (!(error instanceof CountersignError)) throw error;
    seen.refused++;
    return undefined;
  }
}

function isDer(der: Uint8Array): boolean {
  try {
    checkDer(der);
    return true;
  } catch {
    return false;
  }
}

/** One changed request: read as it is or refused; never verified with other content; strict findings see bad DER. */
export function fuzzRequest(original: Uint8Array, chance: Chance, seen: Seen): void {
  const der = mutateDer(original, chance);
  const request = orRefused(seen, () => parseCertificationRequest(der));
  if (request === undefined) return;
  assert.ok(equalBytes(request.der, der));
  const findings = strictFindings(request);
  assert.equal(
    findings.some(({ rule, path }) => rule === 'not-der' && path === ''),
    !isDer(der),
  );
  request.subjectAltNames.forEach(formatGeneralName);
  formatName(request.subject);
  const before = parseCertificationRequest(original);
  if (verifyCertificationRequest(request).kind === 'valid') {
    assert.ok(equalBytes(request.infoDer, before.infoDer));
    assert.ok(equalBytes(request.publicKey.der, before.publicKey.der));
  }
}

/** One changed certificate: read or refused; where OpenSSL reads it too, both read the same. */
export function fuzzCertificate(original: Uint8Array, chance: Chance, seen: Seen): void {
  const der = mutateDer(original, chance);
  const certificate = orRefused(seen, () => parseCertificate(der));
  if (certificate === undefined) return;
  assert.ok(equalBytes(certificate.der, der));
  certificate.subjectAltNames.forEach(formatGeneralName);
  formatName(certificate.subject, 'openssl');
  orRefused({ read: 0, refused: 0 }, () => {
    const model = { ...certificate, publicKeyDer: certificate.publicKey.der };
    lintCertificate(model);
    encodeTbsCertificate(model);
  });
  compareWithOpenSsl(certificate);
}

const YEAR_1000 = Date.parse('1000-01-01T00:00:00Z') / 1000;

function compareWithOpenSsl(certificate: Certificate): void {
  let theirs: X509Certificate;
  try {
    theirs = new X509Certificate(certificate.der);
  } catch {
    return; // OpenSSL refuses more than Go in places, and that is no fault of ours
  }
  const serial = toHex(certificate.serialNumber).replace(/^0+(?=.)/, '');
  assert.equal(serial, theirs.serialNumber.toLowerCase().replace(/^0+(?=.)/, ''));
  const isCa = certificate.basicConstraints?.ca === true && certificate.keyUsage?.has('keyCertSign') !== false;
  // OpenSSL also says no where any extension is malformed, and guesses where there are no basic constraints.
  if (theirs.ca && certificate.basicConstraints !== undefined) assert.ok(isCa);
  // The platform reads the years before 1000, as OpenSSL prints them, as others.
  if (isDer(certificate.der) && Math.min(certificate.notBefore, certificate.notAfter) > YEAR_1000) {
    assert.equal(certificate.notBefore, Date.parse(theirs.validFrom) / 1000);
    assert.equal(certificate.notAfter, Date.parse(theirs.validTo) / 1000);
  }
}

/** Text of PEM lines at random: read or refused, and what is read is read again from what is written of it. */
export function fuzzPem(chance: Chance, seen: Seen): void {
  const text = arrangePem(chance);
  const blocks = orRefused(seen, () => decodePem(text)) ?? [];
  const again = decodePem(blocks.map(({ type, bytes }) => encodePem(type, bytes)).join(''));
  assert.deepEqual(
    again.map(({ type, bytes }) => ({ type, bytes })),
    blocks.map(({ type, bytes }) => ({ type, bytes })),
  );
  assert.deepEqual(
    blocks.map(({ type, bytes }) => `${type}:${toHex(bytes)}`),
    referencePem(text),
  );
}

/**
 * PEM by the words of the specification, slowly: take the first END line, the last BEGIN line before it, and see whether
 * what lies between is a block; then go on after the END line.
 */
export function referencePem(text: string): readonly string[] {
  const found: string[] = [];
  let rest = text;
  for (;;) {
    const end = rest.indexOf('\n-----END ');
    if (end < 0) return found;
    const begin = rest.slice(0, end).lastIndexOf('-----BEGIN ');
    const after = rest.slice(end + 10);
    if (begin < 0 || (begin > 0 && rest[begin - 1] !== '\n')) {
      rest = after;
      continue;
    }
    const lines = rest.slice(begin + 11).split('\n');
    const typeLine = (lines[0] ?? '').replace(/\r$/, '').replace(/[ \t]+$/, '');
    const type = typeLine.slice(0, -5);
    if (!typeLine.endsWith('-----')) {
      rest = after;
      continue;
    }
    let headers = 0;
    while (lines.length > headers + 1 && (lines[headers + 1] ?? '').includes(':')) headers++;
    const bodyAt = begin + 11 + lines.slice(0, headers + 1).join('\n').length + 1;
    if (bodyAt >= rest.length || end + 10 < bodyAt) return found;
    // The CR of a CRLF is no part of the line; a CR at the very end of the text is.
    const trailer = /^[^\n]*\n/.test(after) ? (/^[^\n]*/.exec(after)?.[0] ?? '').replace(/\r$/, '') : after;
    const isClosed = trailer.startsWith(`${type}-----`) && /^[ \t]*$/.test(trailer.slice(type.length + 5));
    const body = end > bodyAt ? rest.slice(bodyAt, end).replace(/[ \t\r\n]/g, '') : '';
    const isBase64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(body);
    if (!isClosed || !isBase64 || (headers > 0 && end < bodyAt)) {
      rest = after;
      continue;
    }
    found.push(`${type}:${Buffer.from(body, 'base64').toString('hex')}`);
    const next = after.indexOf('\n');
    rest = next < 0 ? '' : after.slice(next + 1);
  }
}
