import type { FactsByKind } from '../../policy/fact-store.js';
import type { RecordedKey } from '../../policy/recorded-key.js';

/** What is known of each kind of object that facts are taken from. */
export interface KnownByKind extends FactsByKind {
  readonly CertificateRecord: RecordedKey;
}

/** A fact that changed: `current` is absent after it went, `previous` before it was first seen. */
export type FactChange = {
  readonly [Kind in keyof KnownByKind]: {
    readonly kind: Kind;
    /** `namespace/name`, or `name` where there is no namespace. */
    readonly key: string;
    readonly current?: KnownByKind[Kind];
    readonly previous?: KnownByKind[Kind];
  };
}[keyof KnownByKind];
