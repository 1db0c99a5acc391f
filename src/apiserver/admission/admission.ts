import type { KubeObject, UserInfo } from '../../kube/object-meta.js';
import type { QualifiedResource } from '../../kube/status.js';
import type { MaybePromise } from '../../registry/resource.js';

/** A write about to happen. `name` is empty while it is not generated yet. */
export interface AdmissionOperation {
  readonly verb: 'create' | 'update' | 'delete' | 'connect';
  readonly resource: QualifiedResource;
  /** Empty for the main resource. */
  readonly subresource: string;
  /** Empty for cluster-scoped resources. */
  readonly namespace: string;
  readonly name: string;
  /** What is to be stored; undefined on delete. */
  readonly object: KubeObject | undefined;
  /** What is stored; undefined on create. */
  readonly previous: KubeObject | undefined;
  readonly user: UserInfo;
  readonly dryRun: boolean;
}

/**
 * The checks that know more than one resource. Both throw a StatusError to refuse, and change nothing.
 *
 * - `beforeValidation` runs where the real server runs mutating admission and its storage wrappers: create = after
 *   decoding, before the name is generated; update = when the body or patch has been applied, before the
 *   resourceVersion check. Create, update and delete.
 * - `afterValidation` is the validating phase: after the 422s, before the write (the registry's `admit`).
 */
export interface Admission {
  beforeValidation(operation: AdmissionOperation): MaybePromise<void>;
  afterValidation(operation: AdmissionOperation): MaybePromise<void>;
}
