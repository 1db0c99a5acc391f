import { equalBytes } from '../base/bytes.js';
import type { CertificateSigningRequest } from '../certificates/certificate-signing-request.js';
import { formatGeneralName } from '../x509/general-name.js';
import { encodeName } from '../x509/name.js';
import { decodeRequest } from './decoded-request.js';
import type { RequestPlan } from './request-plan.js';

/**
 * In what a request on the server differs from what is asked for now, in words; empty where it is the same, so that an
 * interrupted command can go on with it. The key decides first: with another key, its certificate is of no use here.
 */
export function differencesFrom(
  existing: CertificateSigningRequest,
  plan: RequestPlan,
  publicKeyDer: Uint8Array,
): readonly string[] {
  const decoded = decodeRequest(existing);
  if (decoded.kind === 'unreadable') return [`its request cannot be read: ${decoded.detail}`];
  const { request } = decoded;
  const differences: string[] = [];
  if (!equalBytes(request.publicKey.der, publicKeyDer)) differences.push('it is for another key');
  if (existing.spec.signerName !== plan.signerName) differences.push(`its signer is ${existing.spec.signerName}`);
  if (!sameSet(existing.spec.usages ?? [], plan.usages)) {
    differences.push(`its usages are ${(existing.spec.usages ?? []).join(', ')}`);
  }
  if (existing.spec.expirationSeconds !== plan.expirationSeconds) {
    differences.push(`its duration is ${existing.spec.expirationSeconds ?? "the signer's default"}`);
  }
  if (!equalBytes(request.subject.der, encodeName(plan.subject).der)) differences.push('its subject is another one');
  if (!sameSet(request.subjectAltNames.map(formatGeneralName), plan.names.map(formatGeneralName))) {
    const names = request.subjectAltNames.map(formatGeneralName).join(', ');
    differences.push(`its names are ${names === '' ? 'none' : names}`);
  }
  return differences;
}

function sameSet(a: readonly string[], b: readonly string[]): boolean {
  const left = new Set(a);
  const right = new Set(b);
  return left.size === right.size && [...left].every((item) => right.has(item));
}
