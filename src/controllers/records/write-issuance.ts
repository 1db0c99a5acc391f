import type { CertificateRecord } from '../../certificates/certificate-record.js';
import type { Client } from '../../client/client.js';
import { CERTIFICATE_RECORDS } from '../../client/resources.js';
import { ISSUANCE_FIELDS, type Issuance } from './issuance.js';

/**
 * Writes what came of a request into its record, if that is still in the version that was looked at: a conflict (409)
 * where it is not. Nothing else of the record is sent.
 */
export async function writeIssuance(
  client: Client,
  record: Pick<CertificateRecord, 'metadata'>,
  issuance: Issuance,
  signal: AbortSignal,
): Promise<CertificateRecord> {
  const { name = '', uid = '', resourceVersion = '' } = record.metadata;
  // In a merge patch null takes a field away.
  const fields = Object.fromEntries(ISSUANCE_FIELDS.map((field) => [field, issuance[field] ?? null]));
  const patch = { metadata: { uid, resourceVersion }, status: { issuance: fields } };
  return client.patch(CERTIFICATE_RECORDS, name, patch, { subresource: 'status', signal });
}
