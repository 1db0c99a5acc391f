import type { AlgorithmIdentifier } from '../x509/algorithm-identifier.js';
import type { PrivateKey } from '../crypto/private-key.js';

/**
 * Where the CA's private key lives. The key itself never comes out: a module in hardware or a remote service signs as
 * well as a file does, which is why signing is asynchronous and may fail for a while.
 */
export interface KeyCustody {
  /** SubjectPublicKeyInfo (RFC 5280 §4.1.2.7) of the key that signs. */
  readonly publicKeyDer: Uint8Array;
  /** The algorithm that every signature of this custody uses. */
  readonly algorithm: AlgorithmIdentifier;
  /** Signs `data`. Rejects where the key cannot be reached now; never answers with somebody else's signature. */
  sign(data: Uint8Array, options?: { readonly signal?: AbortSignal }): Promise<Uint8Array>;
}

/** Custody over a private key in this process's memory. */
export function createSoftwareCustody(key: PrivateKey): KeyCustody {
  return {
    publicKeyDer: key.publicKeyDer,
    algorithm: key.signatureAlgorithm,
    sign: async (data, options) => {
      options?.signal?.throwIfAborted();
      return key.sign(data);
    },
  };
}
