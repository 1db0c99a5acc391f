import { toHex, utf8 } from '../base/bytes.js';
import { sha256 } from '../crypto/digest.js';

/** Where signers publish their roots when nobody says otherwise: every authenticated user may read there. */
export const TRUST_NAMESPACE = 'kube-public';

/** Label of a ConfigMap that holds a signer's root. */
export const TRUST_LABEL = 'countersign.dev/trust-root';

/** Annotation that says whose root it is. */
export const TRUST_SIGNER_ANNOTATION = 'countersign.dev/signer-name';

/** Key of the PEM in the ConfigMap, as in `kube-root-ca.crt`. */
export const TRUST_KEY = 'ca.crt';

const MAX_NAME = 253;

/** Name of the ConfigMap for a signer's root: `trust.example.com.serving`; a digest where that would be too long. */
export function trustConfigMapName(signerName: string): string {
  const name = `trust.${signerName.replace('/', '.')}`;
  return name.length <= MAX_NAME ? name : `trust.${toHex(sha256(utf8(signerName))).slice(0, 40)}`;
}

/** A v1 ConfigMap that distributes a signer's root. */
export interface TrustConfigMap {
  readonly apiVersion: 'v1';
  readonly kind: 'ConfigMap';
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations: Readonly<Record<string, string>>;
  };
  readonly data: Readonly<Record<string, string>>;
}

/** The ConfigMap under which `countersign request` and `countersign trust export` find the root of `signerName`. */
export function trustConfigMap(
  signerName: string,
  rootPem: string,
  where: { readonly namespace?: string; readonly name?: string } = {},
): TrustConfigMap {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name: where.name ?? trustConfigMapName(signerName),
      namespace: where.namespace ?? TRUST_NAMESPACE,
      labels: { [TRUST_LABEL]: 'true' },
      annotations: { [TRUST_SIGNER_ANNOTATION]: signerName },
    },
    data: { [TRUST_KEY]: rootPem },
  };
}
