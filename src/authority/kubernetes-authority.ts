import { kubernetesRefusal, kubernetesUsages } from '../certificates/kubernetes-signers.js';
import type { CaMaterial } from './ca-material.js';
import {
  type AuthorityWorld,
  type CertificateAuthority,
  createCertificateAuthority,
  type IssueInput,
} from './certificate-authority.js';
import { ATTRIBUTE } from '../x509/name.js';
import { parseSigningProfile, type SigningProfile } from './signing-profile.js';

/** Lifetime of what the signers of Kubernetes sign, where nobody says otherwise: kube-controller-manager's 8760h. */
export const DEFAULT_SIGNING_SECONDS = 31_536_000;

/** The group that may do everything. The API server refuses requests for it; this is the second lock. */
const MASTERS = 'system:masters';

/** A certificate authority that signs as a signer of kube-controller-manager does. */
export interface KubernetesAuthority extends CertificateAuthority {
  /** Why kube-controller-manager would mark the request Failed, in its own words; undefined where it would sign. */
  objection(input: Pick<IssueInput, 'request' | 'usages'>): string | undefined;
}

/** What a signer of Kubernetes signs, for this long by default and at most. Keys are held to this project's rules. */
export function kubernetesProfile(signerName: string, maxSeconds: number = DEFAULT_SIGNING_SECONDS): SigningProfile {
  const usages = kubernetesUsages(signerName);
  return { ...parseSigningProfile({ usages, default: maxSeconds, max: maxSeconds }), form: 'kubernetes' };
}

/**
 * A certificate authority for a signer of Kubernetes (`isKubernetesSigner`): its rules in its words come first, then the
 * strictness of every other signer here. What it signs is to the letter what kube-controller-manager signs.
 */
export function createKubernetesAuthority(
  signerName: string,
  material: CaMaterial,
  maxSeconds: number,
  world: AuthorityWorld,
): KubernetesAuthority {
  const authority = createCertificateAuthority(material, kubernetesProfile(signerName, maxSeconds), world);
  const objection: KubernetesAuthority['objection'] = (input) => kubernetesRefusal(signerName, input);
  return {
    ...authority,
    objection,
    async issue(input) {
      const message = objection(input);
      if (message !== undefined) return { kind: 'refused', reason: 'RequestNotAllowed', message };
      if (isForMasters(input)) {
        return { kind: 'refused', reason: 'SubjectNotAllowed', message: `nobody is made a member of ${MASTERS} here` };
      }
      return authority.issue(input);
    },
  };
}

/** Whatever string type it has: a certificate of ours writes all of them as text. */
function isForMasters({ request }: IssueInput): boolean {
  return request.subject.rdns.flat().some(({ oid, value }) => oid === ATTRIBUTE.organization && value === MASTERS);
}
