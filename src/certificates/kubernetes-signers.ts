import { ATTRIBUTE, attributeValues, commonName } from '../x509/name.js';
import type { GeneralName } from '../x509/general-name.js';
import type { CertificationRequest } from '../x509/certification-request-model.js';

/** A request as the signers of kube-controller-manager see it. */
export interface KubernetesWish {
  readonly request: Pick<CertificationRequest, 'subject' | 'subjectAltNames'>;
  readonly usages: readonly string[];
}

type Rule = (wish: KubernetesWish) => string | undefined;

/** Clients of the API server: whoever gets a certificate there is that user, with these groups. */
export const API_CLIENT_SIGNER = 'kubernetes.io/kube-apiserver-client';

/** Kubelets as clients of the API server. */
export const KUBELET_CLIENT_SIGNER = 'kubernetes.io/kube-apiserver-client-kubelet';

/** What kubelets present to whoever calls them. */
export const KUBELET_SERVING_SIGNER = 'kubernetes.io/kubelet-serving';

const CLIENT_USAGES = ['digital signature', 'key encipherment', 'client auth'];
const SERVER_USAGES = ['digital signature', 'key encipherment', 'server auth'];

interface Signer {
  /** Every usage that it may sign. */
  readonly usages: readonly string[];
  readonly rules: readonly Rule[];
}

/** The signers of kube-controller-manager (pkg/controller/certificates/signer), with the rules of each in their order. */
const SIGNERS: ReadonlyMap<string, Signer> = new Map([
  [API_CLIENT_SIGNER, { usages: CLIENT_USAGES, rules: [clientUsages] }],
  [
    KUBELET_CLIENT_SIGNER,
    {
      usages: CLIENT_USAGES,
      rules: [
        nodeOrganization,
        none('dns', 'DNS subjectAltNames are not allowed'),
        none('email', 'Email subjectAltNames are not allowed'),
        none('ip', 'IP subjectAltNames are not allowed'),
        none('uri', 'URI subjectAltNames are not allowed'),
        nodeCommonName,
        exactUsages('client auth', 'usages did not match [client auth digital signature key encipherment]'),
      ],
    },
  ],
  [
    KUBELET_SERVING_SIGNER,
    {
      usages: SERVER_USAGES,
      rules: [
        nodeOrganization,
        someAddress,
        none('email', 'Email subjectAltNames are not allowed'),
        none('uri', 'URI subjectAltNames are not allowed'),
        exactUsages('server auth', 'usages did not match [digital signature key encipherment server auth]'),
        nodeCommonName,
      ],
    },
  ],
]);

/** The signers that kube-controller-manager has for requests of this version of the API. */
export const KUBERNETES_SIGNERS: readonly string[] = [...SIGNERS.keys()];

/** Whether kube-controller-manager signs for this name, if it is told to. */
export function isKubernetesSigner(signerName: string): boolean {
  return SIGNERS.has(signerName);
}

/** Whether the API server takes what this signer signs for a client's credential. */
export function isApiClientSigner(signerName: string): boolean {
  return signerName === API_CLIENT_SIGNER || signerName === KUBELET_CLIENT_SIGNER;
}

/** Why kube-controller-manager marks a request Failed, in its own words; undefined where it signs, or is not the signer. */
export function kubernetesRefusal(signerName: string, wish: KubernetesWish): string | undefined {
  for (const rule of SIGNERS.get(signerName)?.rules ?? []) {
    const refusal = rule(wish);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

/** Every usage that may stand in a certificate of this signer of Kubernetes; none for others. */
export function kubernetesUsages(signerName: string): readonly string[] {
  return SIGNERS.get(signerName)?.usages ?? [];
}

function clientUsages({ usages }: KubernetesWish): string | undefined {
  const other = usages.find((usage) => !CLIENT_USAGES.includes(usage));
  if (other !== undefined) return `invalid usage for client certificate: ${other}`;
  return usages.includes('client auth') ? undefined : 'missing required usage for client certificate: client auth';
}

function nodeOrganization({ request }: KubernetesWish): string | undefined {
  const organizations = attributeValues(request.subject, ATTRIBUTE.organization);
  return organizations.length === 1 && organizations[0] === 'system:nodes'
    ? undefined
    : 'subject organization is not system:nodes';
}

function nodeCommonName({ request }: KubernetesWish): string | undefined {
  return commonName(request.subject)?.startsWith('system:node:') === true
    ? undefined
    : 'subject common name does not begin with system:node:';
}

function someAddress({ request }: KubernetesWish): string | undefined {
  return request.subjectAltNames.some(({ kind }) => kind === 'dns' || kind === 'ip')
    ? undefined
    : 'DNS or IP subjectAltName is required';
}

function none(kind: GeneralName['kind'], refusal: string): Rule {
  return ({ request }) => (request.subjectAltNames.some((name) => name.kind === kind) ? refusal : undefined);
}

/** As a set: digital signature and one more; key encipherment may be there. */
function exactUsages(purpose: string, refusal: string): Rule {
  return ({ usages }) => {
    const asked = new Set(usages);
    asked.delete('key encipherment');
    return asked.size === 2 && asked.has('digital signature') && asked.has(purpose) ? undefined : refusal;
  };
}
