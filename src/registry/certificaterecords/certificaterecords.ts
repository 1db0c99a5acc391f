import { COUNTERSIGN_GROUP, COUNTERSIGN_VERSION } from '../../certificates/approval-policy.js';
import type { CertificateRecord } from '../../certificates/certificate-record.js';
import { createCustomResource, type CustomKind } from '../custom/custom-kind.js';
import { dateColumn, pathColumn } from '../custom/path-column.js';
import type { Resource } from '../resource.js';
import { certificateRecordSchema } from './schema.js';

/** countersign.dev/v1alpha1 certificaterecords, here and on a cluster. */
export const CERTIFICATE_RECORD_KIND: CustomKind = {
  group: COUNTERSIGN_GROUP,
  version: COUNTERSIGN_VERSION,
  kind: 'CertificateRecord',
  resource: 'certificaterecords',
  singular: 'certificaterecord',
  shortNames: ['certrec'],
  categories: ['countersign'],
  schema: certificateRecordSchema,
  immutableSpec: true,
  selectableFields: [
    'spec.request.name',
    'spec.request.signerName',
    'spec.request.publicKeyDigest',
    'spec.requester.username',
  ],
  columns: [
    pathColumn('Request', '.spec.request.name', 'Name of the CertificateSigningRequest.'),
    pathColumn('Requester', '.spec.requester.username', 'Who asked.'),
    pathColumn('Signer', '.spec.request.signerName', 'Who was asked to sign.'),
    pathColumn('Verdict', '.spec.decision.verdict', 'What was decided.'),
    pathColumn('Phase', '.status.issuance.phase', 'What came of it.'),
    pathColumn('NotAfter', '.status.issuance.notAfter', 'Until when the certificate is valid.'),
    pathColumn('Policy', '.spec.decision.policy.name', 'The policy that decided.', 1),
    pathColumn('Serial', '.status.issuance.serialNumber', 'Serial number of the certificate.', 1),
    dateColumn('Age', '.metadata.creationTimestamp', 'Time since the object was made.'),
  ],
};

/** certificaterecords of the embedded server. */
export const certificateRecords: Resource<CertificateRecord> = createCustomResource(CERTIFICATE_RECORD_KIND);
