import type { RequestVerifier } from '../../x509/request-verifier.js';
import { refuseEscalation, type EscalationDeps } from '../authorization/escalation.js';
import type { Admission } from './admission.js';
import { refuseApprovalPolicy } from './approval-policy.js';
import { refuseApproval } from './certificate-approval.js';
import { refuseSigning } from './certificate-signing.js';
import { refuseSubject } from './certificate-subject-restriction.js';
import { refuseAttestation } from './cluster-trust-bundle-attest.js';
import { refuseNamespace, type NamespaceLookup } from './namespace-lifecycle.js';
import { refuseServiceAccount, type ServiceAccountLookup } from './pod-service-account.js';

/** What the checks look at besides the write itself. */
export interface AdmissionDeps extends EscalationDeps {
  readonly namespaces: NamespaceLookup;
  readonly serviceAccounts: ServiceAccountLookup;
  /** The one that validation uses, so that no request is verified twice. */
  readonly requests: RequestVerifier;
}

/** The admission checks in the real server's order. */
export function createAdmission(deps: AdmissionDeps): Admission {
  return {
    beforeValidation: async (operation) => {
      await refuseNamespace(operation, deps.namespaces);
      await refuseServiceAccount(operation, deps.serviceAccounts);
      await refuseEscalation(operation, deps);
    },
    afterValidation: async (operation) => {
      await refuseApproval(operation, deps.authorizer);
      await refuseSigning(operation, deps.authorizer);
      await refuseAttestation(operation, deps.authorizer);
      await refuseSubject(operation, deps.requests);
      await refuseApprovalPolicy(operation, deps.authorizer);
    },
  };
}
