import type { UnixSeconds } from '../base/clock.js';
import { CountersignError } from '../base/error.js';
import { type CertificateModel, encodeTbsCertificate } from '../x509/certificate.js';
import type { Finding } from '../x509/finding.js';
import type { GeneralName } from '../x509/general-name.js';
import { lintCertificate, type LintRole } from '../x509/lint.js';

/** What is about to be signed: the model, the bytes made of it, and the names in readable form for comparing. */
export interface IssuableContent {
  readonly model: CertificateModel;
  readonly tbsDer: Uint8Array;
  readonly subjectAltNames: readonly GeneralName[];
}

/** What linting gives. */
export type Linted =
  | { readonly kind: 'issuable'; readonly issuable: Issuable }
  | { readonly kind: 'refused'; readonly findings: readonly Finding[] };

/**
 * A linted certificate that may be signed, once. Only `lint` makes one, so nothing is signed that was not linted; taking
 * its content spends it, so that no retry can sign the same approval twice.
 */
export class Issuable {
  readonly #content: IssuableContent;
  #spent = false;

  private constructor(content: IssuableContent) {
    this.#content = content;
  }

  /** Checks a model; an Issuable where nothing was found. */
  static lint(model: CertificateModel, subjectAltNames: readonly GeneralName[], role: LintRole = 'leaf'): Linted {
    const findings = lintCertificate(model, role);
    if (findings.length > 0) return { kind: 'refused', findings };
    return {
      kind: 'issuable',
      issuable: new Issuable({ model, subjectAltNames, tbsDer: encodeTbsCertificate(model) }),
    };
  }

  /** The serial number, which may be written down before anything is signed. */
  get serialNumber(): Uint8Array {
    return this.#content.model.serialNumber;
  }

  /** When the certificate will begin to be valid. */
  get notBefore(): UnixSeconds {
    return this.#content.model.notBefore;
  }

  /** When the certificate will end to be valid. */
  get notAfter(): UnixSeconds {
    return this.#content.model.notAfter;
  }

  /** Hands out the content the first time, and refuses with ISSUABLE_SPENT ever after. */
  spend(): IssuableContent {
    if (this.#spent) {
      throw new CountersignError('ISSUABLE_SPENT', 'Cannot issue certificate: this issuable has been signed already');
    }
    this.#spent = true;
    return this.#content;
  }
}
