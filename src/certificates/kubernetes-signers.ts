import { ATTRIBUTE } from '../x509/name.js';
import type { GeneralName } from '../x509/general-name.js';
import type { CertificationRequest } from '../x509/certification-request-model.js';

/** A request as the signers of kube-controller-manager see it. */
export interface KubernetesWish {
  readonly request: Pick<CertificationRequest, 'subject' | 'subjectAltNames'>;
  readonly usages: readonly string[];
}

type Rule = (wish: KubernetesWish) => string | undefined;

/** The signers of kube-controller-manager (pkg/controller/certificates/signer), with the rules of each in their order. */
const SIGNERS: ReadonlyMap<string, readonly Rule[]> = new Map([
  ['kubernetes.io/kube-apiserver-client', [clientUsages]],
  [
    'kubernetes.io/kube-apiserver-client-kubelet',
    [
      nodeOrganization,
      none('dns', 'DNS subjectAltNames are not allowed'),
      none('email', 'Email subjectAltNames are not allowed'),
      none('ip', 'IP subjectAltNames are not allowed'),
      none('uri', 'URI subjectAltNames are not allowed'),
      nodeCommonName,
      exactUsages('client auth', 'usages did not match [client auth digital signature key encipherment]'),
    ],
  ],
  [
    'kubernetes.io/kubelet-serving',
    [
      nodeOrganization,
      someAddress,
      none('email', 'Email subjectAltNames are not allowed'),
      none('uri', 'URI subjectAltNames are not allowed'),
      exactUsages('server auth', 'usages did not match [digital signature key encipherment server auth]'),
      nodeCommonName,
    ],
  ],
]);

/** Whether kube-controller-manager signs for this name, if it is told to. */
export function isKubernetesSigner(signerName: string): boolean {
  return SIGNERS.has(signerName);
}

/** Why kube-controller-manager marks a request Failed, in its own words; undefined where it signs, or is not the signer. */
export function kubernetesRefusal(signerName: string, wish: KubernetesWish): string | undefined {
  for (const rule of SIGNERS.get(signerName) ?? []) {
    const refusal = rule(wish);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

function clientUsages({ usages }: KubernetesWish): string | undefined {
  const allowed = new Set(['digital signature', 'key encipherment', 'client auth']);
  const other = usages.find((usage) => !allowed.has(usage));
  if (other !== undefined) return `invalid usage for client certificate: ${other}`;
  return usages.includes('client auth') ? undefined : 'missing required usage for client certificate: client auth';
}

function nodeOrganization(wish: KubernetesWish): string | undefined {
  const organizations = valuesOf(wish, ATTRIBUTE.organization);
  return organizations.length === 1 && organizations[0] === 'system:nodes'
    ? undefined
    : 'subject organization is not system:nodes';
}

function nodeCommonName(wish: KubernetesWish): string | undefined {
  // Go keeps the last of several.
  const commonName = valuesOf(wish, ATTRIBUTE.commonName).at(-1) ?? '';
  return commonName.startsWith('system:node:') ? undefined : 'subject common name does not begin with system:node:';
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

function valuesOf({ request }: KubernetesWish, wanted: string): readonly string[] {
  return request.subject.rdns.flatMap((rdn) =>
    rdn.flatMap(({ oid, value }) => (oid === wanted && value !== undefined ? [value] : [])),
  );
}
