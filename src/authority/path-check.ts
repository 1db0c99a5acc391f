import type { UnixSeconds } from '../base/clock.js';
import {
  assembleCertificate,
  type CertificateModel,
  encodeTbsCertificate,
  parseCertificate,
} from '../x509/certificate.js';
import { EXTENSION, findExtension } from '../x509/extension.js';
import { verifyChain } from '../x509/verify-chain.js';
import type { CaMaterial } from './ca-material.js';

/** Extensions of a CA with which it can forbid what a leaf says. */
const CONSTRAINING = [EXTENSION.nameConstraints, EXTENSION.extKeyUsage];

/**
 * Why no client would accept this leaf under its CA, before anything is signed: name constraints or extended key usages
 * of the CA or one above it forbid it. Undefined where they do not, and at once where no CA has any.
 */
export function constraintRefusal(model: CertificateModel, ca: CaMaterial, now: UnixSeconds): string | undefined {
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
    if (verdict.kind === 'untrusted') return `the CA does not allow it: ${verdict.detail}`;
  }
  return undefined;
}
