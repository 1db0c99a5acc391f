import { type ApprovalPolicy, COUNTERSIGN_GROUP } from '../../certificates/approval-policy.js';
import type { KubeObject } from '../../kube/object-meta.js';
import { forbidden } from '../../kube/status.js';
import { equalValues } from '../../kube/equal-values.js';
import type { Authorizer } from '../authorization/authorizer.js';
import { mayActForSigner } from '../authorization/signer-permission.js';
import type { AdmissionOperation } from './admission.js';

const POLICIES = { group: COUNTERSIGN_GROUP, resource: 'approvalpolicies' };

/**
 * Whoever writes a policy approves through it: to make one, or to change its spec, needs `approve` on every signer that
 * it names or named. On a cluster, deploy/approver/ asks the same by a ValidatingAdmissionPolicy.
 */
export async function refuseApprovalPolicy(operation: AdmissionOperation, authorizer: Authorizer): Promise<void> {
  if (!changesPolicy(operation)) return;
  const names = new Set([...signerNamesOf(operation.previous), ...signerNamesOf(operation.object)]);
  const missing: string[] = [];
  for (const name of names) {
    if (!(await mayActForSigner(authorizer, operation.user, 'approve', name))) missing.push(JSON.stringify(name));
  }
  if (missing.length === 0) return;
  const named = `${missing.length === 1 ? 'signerName' : 'signerNames'} ${missing.join(', ')}`;
  throw forbidden(POLICIES, operation.name, `user not permitted to approve requests with ${named}`);
}

function changesPolicy({ resource, subresource, verb, object, previous }: AdmissionOperation): boolean {
  if (resource.resource !== POLICIES.resource || resource.group !== POLICIES.group || subresource !== '') return false;
  if (verb === 'create') return true;
  return verb === 'update' && !equalValues(asPolicy(object)?.spec, asPolicy(previous)?.spec);
}

/** An object of `approvalpolicies` as what it is: the operation's resource says so, and it is validated. */
function asPolicy(object: KubeObject | undefined): ApprovalPolicy | undefined {
  return object as ApprovalPolicy | undefined;
}

function signerNamesOf(object: KubeObject | undefined): readonly string[] {
  return asPolicy(object)?.spec.signerNames ?? [];
}
