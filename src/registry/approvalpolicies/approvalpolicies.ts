import { type ApprovalPolicy, COUNTERSIGN_GROUP, COUNTERSIGN_VERSION } from '../../certificates/approval-policy.js';
import { dateColumn, pathColumn } from '../custom/path-column.js';
import { createCustomResource, type CustomKind, type FurtherRules } from '../custom/custom-kind.js';
import type { Resource } from '../resource.js';
import { approvalPolicySchema } from './schema.js';

/** countersign.dev/v1alpha1 approvalpolicies, here and on a cluster. */
export const APPROVAL_POLICY_KIND: CustomKind = {
  group: COUNTERSIGN_GROUP,
  version: COUNTERSIGN_VERSION,
  kind: 'ApprovalPolicy',
  resource: 'approvalpolicies',
  singular: 'approvalpolicy',
  shortNames: ['apol'],
  categories: ['countersign'],
  schema: approvalPolicySchema,
  immutableSpec: false,
  selectableFields: [],
  columns: [
    pathColumn('Mode', '.spec.mode', 'Enforce decides, Shadow only tells.'),
    pathColumn('OnViolation', '.spec.onViolation', 'What becomes of a request that breaks it.'),
    pathColumn('Signers', '.spec.signerNames', 'Signers whose requests it decides.'),
    pathColumn('Ready', '.status.conditions[?(@.type=="Ready")].status', 'Whether the approver can use it.'),
    pathColumn('Reason', '.status.conditions[?(@.type=="Ready")].message', 'Why it is ready, or not.', 1),
    dateColumn('Age', '.metadata.creationTimestamp', 'Time since the object was made.'),
  ],
};

/** approvalpolicies of the embedded server; `validate` are the rules that a schema cannot say. */
export function createApprovalPolicies(validate?: FurtherRules<ApprovalPolicy>): Resource<ApprovalPolicy> {
  return createCustomResource(APPROVAL_POLICY_KIND, validate);
}
