import type { KubeObject } from '../kube/object-meta.js';

/** What a record says of the request. */
export interface RecordedRequest {
  /** Name and uid of the CertificateSigningRequest. */
  readonly name: string;
  readonly uid: string;
  readonly signerName: string;
  /** spec.request as the API carries it: base64 of PEM. */
  readonly request: string;
  /** `sha256:` and hexadecimal, over the DER of the PKCS#10. */
  readonly requestDigest: string;
  /** `sha256:` and hexadecimal, over the DER of the SubjectPublicKeyInfo. */
  readonly publicKeyDigest: string;
  readonly usages: readonly string[];
  readonly expirationSeconds?: number;
  readonly creationTimestamp?: string;
}

/** Who asked, as the API server vouched for it, and what we made of it. */
export interface RecordedRequester {
  readonly username: string;
  readonly uid?: string;
  readonly groups?: readonly string[];
  readonly extra?: Readonly<Record<string, readonly string[]>>;
  readonly identity: {
    readonly kind: 'Pod' | 'ServiceAccount' | 'Node' | 'User';
    readonly namespace?: string;
    readonly serviceAccountName?: string;
    readonly podName?: string;
    readonly podUID?: string;
    readonly nodeName?: string;
  };
}

/** An object that a decision rests on, in the version that was looked at. */
export interface RecordedEvidence {
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
}

/** A name that was asked for, and why it was granted. */
export interface RecordedName {
  /** DNS, IP, URI, Email, or the attribute of the subject: CN, O, or its OID where it has no short name. */
  readonly type: string;
  readonly value: string;
  /** The provable kind, or the field of the policy that grants it. Absent where it was not granted. */
  readonly grantedBy?: string;
  /** One sentence. */
  readonly because: string;
  readonly evidence?: readonly RecordedEvidence[];
}

/** countersign.dev/v1alpha1 CertificateRecordSpec: the decision. It never changes. */
export interface CertificateRecordSpec {
  readonly request: RecordedRequest;
  readonly requester: RecordedRequester;
  readonly decision: {
    readonly verdict: 'Approved' | 'Denied';
    /** Who decided: `Policy`, or `Other` for a person or another program. */
    readonly by: 'Policy' | 'Other';
    readonly policy?: { readonly name: string; readonly uid: string; readonly generation: number };
    readonly reason: string;
    readonly message: string;
    readonly decidedAt: string;
  };
  readonly names: readonly RecordedName[];
  /**
   * Everything that was looked at, in the slim form of policy/facts.ts: what a replay needs. JSON text; where that
   * would be too long, `{"leftOut":"…"}` says so.
   */
  readonly facts?: string;
  /** Over the canonical form of everything else in the spec. */
  readonly signature: {
    /** `sha256:` and hexadecimal, over the DER of the approver's public key. */
    readonly keyID: string;
    /** base64. */
    readonly value: string;
  };
}

/** countersign.dev/v1alpha1 CertificateRecordStatus: what came of it. */
export interface CertificateRecordStatus {
  readonly issuance?: {
    /**
     * Intended: signed or about to be; Issued: published; Failed: refused for ever; Denied: somebody denied it all the same,
     * before anything was signed; Lost: signed, never published.
     */
    readonly phase: 'Intended' | 'Issued' | 'Failed' | 'Denied' | 'Lost';
    /** Lower-case hexadecimal. */
    readonly serialNumber?: string;
    /** `sha256:` and hexadecimal, over the DER of the certificate. */
    readonly fingerprint?: string;
    readonly notBefore?: string;
    readonly notAfter?: string;
    readonly message?: string;
  };
}

/** countersign.dev/v1alpha1 CertificateRecord, named by the uid of its request: what was asked, granted and issued. */
export interface CertificateRecord extends KubeObject {
  readonly spec: CertificateRecordSpec;
  readonly status?: CertificateRecordStatus;
}
