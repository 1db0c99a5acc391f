import type { CertificateSigningRequest } from '../../certificates/certificate-signing-request.js';
import { CERTIFICATES_GROUP } from '../../certificates/certificate-signing-request.js';
import { conditionText } from '../../certificates/conditions.js';
import type { RequestVerifier } from '../../certificates/request-verifier.js';
import { humanDuration } from '../../kube/human-duration.js';
import { AGE_COLUMN, ageCell, NAME_COLUMN, textColumn } from '../columns.js';
import type { Resource } from '../resource.js';
import { approvalSubresource } from './approval.js';
import { mainStrategy } from './main.js';
import { certificateSigningRequestSchema } from './schema.js';
import { statusSubresource } from './status.js';

/** certificates.k8s.io/v1 certificatesigningrequests. */
export function createCertificateSigningRequests(verifier: RequestVerifier): Resource<CertificateSigningRequest> {
  return {
    group: CERTIFICATES_GROUP,
    version: 'v1',
    kind: 'CertificateSigningRequest',
    resource: 'certificatesigningrequests',
    singular: 'certificatesigningrequest',
    namespaced: false,
    shortNames: ['csr'],
    storageVersionHash: '95fRKMXA+00=',
    schema: certificateSigningRequestSchema,
    keyPrefix: '/registry/certificatesigningrequests/',
    strategy: mainStrategy(verifier),
    subresources: { approval: approvalSubresource(verifier), status: statusSubresource(verifier) },
    selectableFields: { 'spec.signerName': (csr) => csr.spec.signerName },
    unknownFieldText: 'plain',
    columns: [
      NAME_COLUMN,
      AGE_COLUMN,
      textColumn('SignerName', 'Who is asked to sign.'),
      textColumn('Requestor', 'Who made the request.'),
      textColumn('RequestedDuration', 'Wished lifetime of the certificate.'),
      textColumn('Condition', 'What was decided, and whether a certificate was issued.'),
    ],
    cells: (csr, now) => [
      csr.metadata.name ?? '',
      ageCell(csr, now),
      csr.spec.signerName === '' ? '<none>' : csr.spec.signerName,
      csr.spec.username ?? '',
      csr.spec.expirationSeconds === undefined ? '<none>' : humanDuration(csr.spec.expirationSeconds * 1000),
      conditionText(csr),
    ],
    deleteAnswer: 'status',
  };
}
