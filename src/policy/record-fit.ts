import { canonicalJson } from '../certificates/canonical-record.js';
import type { CertificateRecordSpec } from '../certificates/certificate-record.js';
import type { NormalisedRequest } from '../certificates/normalised-request.js';
import { requestedNames } from './record.js';

/**
 * Why a record does not allow this very request to be signed; undefined where it does: a policy approved it, and every
 * field that a certificate or a decision depends on is the one on record. Whether the record is genuine is another
 * question.
 */
export function recordMisfit(request: NormalisedRequest, spec: CertificateRecordSpec): string | undefined {
  const { decision, request: recorded, requester } = spec;
  if (decision.by !== 'Policy') return 'its record says that no policy decided';
  if (decision.verdict !== 'Approved') return 'its record says that it was denied';
  const asked = request.requester;
  const pairs: readonly (readonly [field: string, asked: unknown, recorded: unknown])[] = [
    ['name', request.name, recorded.name],
    ['uid', request.uid, recorded.uid],
    ['signerName', request.signerName, recorded.signerName],
    ['request', request.requestDigest, recorded.requestDigest],
    ['public key', request.publicKeyDigest, recorded.publicKeyDigest],
    ['usages', request.usages, recorded.usages],
    ['expirationSeconds', request.expirationSeconds ?? null, recorded.expirationSeconds ?? null],
    ['username', asked.username, requester.username],
    ['uid of the user', asked.uid, requester.uid ?? ''],
    ['groups', asked.groups, requester.groups ?? []],
    ['extra', asked.extra, requester.extra ?? {}],
  ];
  for (const [field, one, other] of pairs) {
    if (canonicalJson(one) !== canonicalJson(other)) return `its ${field} is not the one on record`;
  }
  const granted = new Set(
    spec.names.flatMap(({ type, value, grantedBy }) => (grantedBy === undefined ? [] : [nameKey(type, value)])),
  );
  const missing = requestedNames(request).find(({ type, value }) => !granted.has(nameKey(type, value)));
  return missing === undefined
    ? undefined
    : `its record grants no ${missing.type} ${JSON.stringify(missing.value)}, which it asks for`;
}

function nameKey(type: string, value: string): string {
  return JSON.stringify([type, value]);
}
