import type { UnixSeconds } from '../../base/clock.js';
import type { CertificateSigningRequest } from '../../certificates/certificate-signing-request.js';
import { normaliseRequest, type Requester } from '../../certificates/normalised-request.js';
import { sha256 } from '../../crypto/digest.js';
import { decideApproval } from '../../policy/decide-approval.js';
import { lookAtVariables } from '../../policy/expression-variables.js';
import { recordingFacts } from '../../policy/facts-snapshot.js';
import type { AccessQuestion, Facts } from '../../policy/facts.js';
import { identify } from '../../policy/identity.js';
import type { Lookup } from '../../policy/lookups.js';
import type { PolicySet } from '../../policy/policy-set.js';
import type { ApprovalSettings } from '../../policy/settings.js';
import type { CertificationRequest } from '../../x509/certification-request-model.js';
import type { Judgement } from './decide.js';

/** What a request is judged by. */
export interface JudgeInput {
  readonly csr: CertificateSigningRequest;
  /** Read and verified from this very `csr.spec.request`. */
  readonly request: CertificationRequest;
  readonly facts: Facts;
  readonly policies: PolicySet;
  readonly settings: ApprovalSettings;
  readonly now: UnixSeconds;
}

/** A judgement and what it rests on, or what must be asked before. */
export type Judged =
  | { readonly kind: 'judged'; readonly judgement: Judgement; readonly lookups: ReadonlySet<Lookup> }
  | { readonly kind: 'needs'; readonly requester: Requester; readonly questions: readonly AccessQuestion[] };

/** Says what policies say of a request, from what is known now. Pure. */
export function judge({ csr, request: parsed, facts, policies, settings, now }: JudgeInput): Judged {
  const recording = recordingFacts(facts);
  const request = normaliseRequest(csr, parsed, sha256);
  const identity = identify(request.requester, recording);
  const verdict = decideApproval({ request, identity, facts: recording, policies, settings, now });
  if (verdict.kind === 'needs') return { ...verdict, requester: request.requester };
  const judgement = { csr, request, identity, verdict };
  if (verdict.kind === 'defer') return { kind: 'judged', judgement, lookups: recording.lookups };
  lookAtVariables(identity, recording);
  return { kind: 'judged', judgement: { ...judgement, found: recording.snapshot() }, lookups: recording.lookups };
}
