import type { PodCertificateRequest } from '../../certificates/pod-certificate-request.js';
import { sameStatus, validatePodCertificateStatus } from '../../certificates/validate-pod-certificate-status.js';
import { type FieldError, forbiddenField } from '../../kube/field-error.js';
import type { UserInfo } from '../../kube/object-meta.js';
import type { MaybePromise, RequestContext, UpdateSubresource } from '../resource.js';

/** Whether a user may sign in a signer's name. */
export type SignPermission = (user: UserInfo, signerName: string) => MaybePromise<boolean>;

/** `/status` changes the status and nothing else: spec and metadata come back from the store. */
function prepareForUpdate(next: PodCertificateRequest, previous: PodCertificateRequest): PodCertificateRequest {
  const { labels: _l, annotations: _a, ownerReferences: _o, finalizers: _f, ...metadata } = next.metadata;
  const { labels, annotations, ownerReferences, finalizers } = previous.metadata;
  return {
    ...next,
    metadata: {
      ...metadata,
      ...(labels === undefined ? {} : { labels }),
      ...(annotations === undefined ? {} : { annotations }),
      ...(ownerReferences === undefined ? {} : { ownerReferences }),
      ...(finalizers === undefined ? {} : { finalizers }),
    },
    spec: previous.spec,
  };
}

/**
 * The `/status` subresource. Unlike elsewhere, the right to `sign` is part of what is valid: it is asked for last, and
 * its lack is a 422.
 */
export function statusSubresource(maySign: SignPermission): UpdateSubresource<PodCertificateRequest> {
  const validateUpdate = async (
    next: PodCertificateRequest,
    previous: PodCertificateRequest,
    { now, user }: RequestContext,
  ): Promise<readonly FieldError[]> => {
    const errors = validatePodCertificateStatus(next, previous, now);
    if (errors.length > 0 || sameStatus(next.status, previous.status)) return errors;
    const { signerName } = previous.spec;
    if (await maySign(user, signerName)) return [];
    const who = JSON.stringify(user.username);
    const detail = `User ${who} is not permitted to "sign" for signer ${JSON.stringify(signerName)}`;
    return [forbiddenField('spec.signerName', detail)];
  };
  return {
    kind: 'update',
    table: true,
    verbs: ['get', 'patch', 'update'],
    unconditionalUpdate: false,
    prepareForUpdate,
    validateUpdate,
  };
}
