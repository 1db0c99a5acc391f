import { refusalOf } from '../../authority/prepare.js';
import { kubernetesProfile } from '../../authority/kubernetes-authority.js';
import { PROFILE_KEYS } from '../../authority/key-policy.js';
import { parseSigningProfile, type SigningProfile } from '../../authority/signing-profile.js';
import { leafUsages } from '../../authority/usage-extensions.js';
import { isKubernetesSigner, kubernetesRefusal } from '../../certificates/kubernetes-signers.js';
import { CountersignError } from '../../base/error.js';
import type { CertificationRequest } from '../../x509/certification-request.js';
import type { ExplainedProgram } from './explanation.js';

/** A request as signers see it. */
export interface SigningQuestion {
  readonly signerName: string;
  readonly request: CertificationRequest;
  readonly usages: readonly string[];
  readonly signer: ExplainedProgram;
}

const OWN = 'a signer of Countersign';

/** Why the signer will refuse, as far as that can be known from outside. */
export function signingRefusals({ signerName, request, usages, signer }: SigningQuestion): readonly string[] {
  const wish = { request, usages };
  const own = isOwn(signer);
  if (isKubernetesSigner(signerName)) {
    const refusal = kubernetesRefusal(signerName, wish);
    if (refusal !== undefined) return [`${own ? OWN : 'kube-controller-manager'} refuses it: ${refusal}`];
    if (!own) return [];
  }
  const refusal = refusalOf(wish, isKubernetesSigner(signerName) ? kubernetesProfile(signerName) : profileOf(signer));
  return refusal === undefined ? [] : [`${OWN} refuses it: ${refusal}`];
}

/** Signers of ours tell what they sign. */
function isOwn(signer: ExplainedProgram): boolean {
  return signer.kind === 'alive' && signer.usages !== undefined;
}

/** Everything that any profile can allow, where the signer does not tell. */
function profileOf(signer: ExplainedProgram): SigningProfile {
  const told = signer.kind === 'alive' ? signer.usages : undefined;
  const keys = [...PROFILE_KEYS];
  const usages = leafUsages();
  try {
    return parseSigningProfile({ keys, usages: told ?? usages });
  } catch (error) {
    if (!(error instanceof CountersignError)) throw error;
    return parseSigningProfile({ keys, usages }); // what somebody wrote there is no list of usages
  }
}
