import type { Random } from '../base/bytes.js';
import type { UnixSeconds } from '../base/clock.js';
import type { KeySpec } from '../crypto/generate-key-pair.js';
import type { SubjectFields } from './subject-fields.js';

/** What a new self-signed CA shall be. */
export interface CaSpec {
  readonly subject: SubjectFields;
  /** Default `ecdsa-p256`. */
  readonly key?: KeySpec;
  /** Default ten years. */
  readonly lifetimeSeconds?: number;
  /** CA certificates allowed below this one; default none limits it to leaves: pathlen 0. Null writes no limit. */
  readonly pathLength?: number | null;
  readonly now: UnixSeconds;
  readonly random: Random;
}

/** A new CA, as files hold it. */
export interface CreatedCa {
  readonly certificatePem: string;
  /** PKCS#8. */
  readonly keyPem: string;
  /** A PKCS#10 of the same key and subject, for a CA above to sign. */
  readonly requestPem: string;
}

/** Makes a key and a self-signed CA certificate (RFC 5280 §4.2.1.9: critical, CA; keyCertSign and cRLSign; SKI). */
export async function createCa(_spec: CaSpec): Promise<CreatedCa> {
  throw new Error('not yet');
}
