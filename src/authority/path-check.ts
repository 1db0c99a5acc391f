import type { UnixSeconds } from '../base/clock.js';
import {
  assembleCertificate,
  type CertificateModel,
  encodeTbsCertificate,
  parseCertificate,
} from '../x509/certificate.js';
import { EXTENSION, findExtension } from '../x509/extension.js';
import { type ChainRefusal, verifyChain } from '../x509/verify-chain.js';
import type { CaMaterial } from './ca-material.js';

/** Extensions of a CA with which it can forbid what a leaf says. */
const CONSTRAINING = [EXTENSION.nameConstraints, EXTENSION.extKeyUsage];

/** What of a path depends on what the leaf asks for. Everything else is the state of the CA, and may change. */
const OF_THE_LEAF: ReadonlySet<ChainRefusal> = new Set(['name-constraints', 'extended-key-usage']);

/** Why no client would accept a leaf under its CA. */
export interface PathProblem {
  /** forbidden: its CA allows no such leaf. unavailable: at this time it could accept none. */
  readonly kind: 'forbidden' | 'unavailable';
  readonly message: string;
}

/**
 * Why no client would accept this leaf under its CA, before anything is signed: name constraints or extended key usages
 * of the CA or one above it forbid it, or its own path does not hold now. Undefined where neither is so, and at once where
 * no CA has any.
 */
export function pathProblem(model: CertificateModel, ca: CaMaterial, now: UnixSeconds): PathProblem | undefined {
  const authorities = [ca.certificate, ...ca.intermediates, ca.anchor];
  const constrained = authorities.some((c) =>
    CONSTRAINING.some((oid) => findExtension(c.extensions, oid) !== undefined),
  );
  if (!constrained) return undefined;
  const unsigned = assembleCertificate(encodeTbsCertificate(model), model.signatureAlgorithm, new Uint8Array(64));
  const leaf = parseCertificate(unsigned);
  for (const usage of leaf.extKeyUsage ?? [undefined]) {
    const verdict = verifyChain({
      leaf,
      intermediates: authorities,
      roots: [ca.anchor],
      now,
      ...(usage === undefined ? {} : { usage }),
      // there is no signature yet; those of the CAs were verified when the material was read
      verifySignature: () => ({ kind: 'valid' }),
    });
    if (verdict.kind === 'trusted') continue;
    return OF_THE_LEAF.has(verdict.reason)
      ? { kind: 'forbidden', message: `the CA does not allow it: ${verdict.detail}` }
      : { kind: 'unavailable', message: `the path of the CA does not hold now: ${verdict.detail}` };
  }
  return undefined;
}
