import type {
  EndpointSliceFacts,
  KeyHolder,
  NamespaceFacts,
  NodeFacts,
  PodFacts,
  ServiceAccountFacts,
  ServiceFacts,
} from '../../policy/facts.js';

/** A key on record, as far as facts know a CertificateRecord. */
export interface RecordedKey {
  readonly publicKeyDigest: string;
  readonly holder: KeyHolder;
}

/** What facts know of each kind of object. */
export interface FactsByKind {
  readonly Pod: PodFacts;
  readonly Service: ServiceFacts;
  readonly EndpointSlice: EndpointSliceFacts;
  readonly Node: NodeFacts;
  readonly Namespace: NamespaceFacts;
  readonly ServiceAccount: ServiceAccountFacts;
  readonly CertificateRecord: RecordedKey;
}

/** A kind of object that facts are taken from. */
export type FactKind = keyof FactsByKind;

/** A fact that changed: `current` is absent after it went, `previous` before it was first seen. */
export type FactChange = {
  readonly [Kind in FactKind]: {
    readonly kind: Kind;
    /** `namespace/name`, or `name` where there is no namespace. */
    readonly key: string;
    readonly current?: FactsByKind[Kind];
    readonly previous?: FactsByKind[Kind];
  };
}[FactKind];
