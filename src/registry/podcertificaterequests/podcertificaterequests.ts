import { CERTIFICATES_GROUP } from '../../certificates/certificate-signing-request.js';
import { POD_CERTIFICATE_OUTCOMES, type PodCertificateRequest } from '../../certificates/pod-certificate-request.js';
import {
  DEFAULT_MAX_EXPIRATION_SECONDS,
  type PodCertificateVerifiers,
  validatePodCertificateRequest,
} from '../../certificates/validate-pod-certificate-request.js';
import { equalValues } from '../../kube/equal-values.js';
import { invalid } from '../../kube/field-error.js';
import { dnsSubdomainProblems } from '../../kube/names.js';
import { NAME_COLUMN, textColumn } from '../columns.js';
import type { Cell, Resource, Strategy } from '../resource.js';
import { podCertificateRequestSchema } from './schema.js';
import { type SignPermission, statusSubresource } from './status.js';

/** What requests of pods need of other floors. */
export interface PodCertificateDependencies extends PodCertificateVerifiers {
  readonly maySign: SignPermission;
}

/** Requests are removed a quarter of an hour after they were made, whatever became of them. */
const TTL_SECONDS = 900;

function withDefaults(request: PodCertificateRequest): PodCertificateRequest {
  if (request.spec.maxExpirationSeconds !== undefined) return request;
  return { ...request, spec: { ...request.spec, maxExpirationSeconds: DEFAULT_MAX_EXPIRATION_SECONDS } };
}

function mainStrategy(verifiers: PodCertificateVerifiers): Strategy<PodCertificateRequest> {
  return {
    nameProblems: dnsSubdomainProblems,
    createOnUpdate: false,
    unconditionalUpdate: false,
    setDefaults: withDefaults,
    prepareForCreate: (request) => ({ ...request, status: {} }),
    validate: (request) => validatePodCertificateRequest(request, verifiers),
    prepareForUpdate: (next, previous) => ({ ...next, status: previous.status }),
    validateUpdate: (next, previous) =>
      equalValues(next.spec, previous.spec) ? [] : [invalid('spec', next.spec, 'field is immutable')],
  };
}

function cells({ metadata, spec, status }: PodCertificateRequest): readonly Cell[] {
  const outcome = (status.conditions ?? []).findLast(({ type }) => POD_CERTIFICATE_OUTCOMES.includes(type));
  const annotations = Object.entries(spec.unverifiedUserAnnotations ?? {})
    .map(([name, value]) => `${name}=${value}`)
    .toSorted();
  return [
    metadata.name ?? '',
    spec.podName,
    spec.serviceAccountName,
    spec.nodeName,
    spec.signerName,
    outcome?.type ?? 'Pending',
    annotations.length === 0 ? '<none>' : annotations.join(','),
  ];
}

/** certificates.k8s.io/v1beta1 podcertificaterequests. */
export function createPodCertificateRequests(
  dependencies: PodCertificateDependencies,
): Resource<PodCertificateRequest> {
  return {
    group: CERTIFICATES_GROUP,
    version: 'v1beta1',
    kind: 'PodCertificateRequest',
    resource: 'podcertificaterequests',
    singular: 'podcertificaterequest',
    namespaced: true,
    storageVersionHash: 'wYA9yXQH8fg=',
    schema: podCertificateRequestSchema,
    keyPrefix: '/registry/podcertificaterequests/',
    strategy: mainStrategy(dependencies),
    subresources: { status: statusSubresource(dependencies.maySign) },
    selectableFields: {
      'spec.signerName': ({ spec }) => spec.signerName,
      'spec.podName': ({ spec }) => spec.podName,
      'spec.nodeName': ({ spec }) => spec.nodeName,
    },
    unknownFieldText: 'plain',
    columns: [
      NAME_COLUMN,
      textColumn('PodName', 'The pod that asks.'),
      textColumn('ServiceAccountName', 'The service account that the pod runs as.'),
      textColumn('NodeName', 'The node on which the pod runs.'),
      textColumn('SignerName', 'Who is asked to sign.'),
      textColumn('State', 'Pending, Issued, Denied or Failed.'),
      textColumn('UnverifiedUserAnnotations', 'What the author of the pod wishes to tell the signer.'),
    ],
    cells,
    deleteAnswer: 'status',
    ttlSeconds: TTL_SECONDS,
  };
}
