import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { toUnixSeconds, type UnixSeconds } from '../../src/base/clock.js';
import { sha1 } from '../../src/crypto/digest.js';
import type { PrivateKey } from '../../src/crypto/private-key.js';
import {
  assembleCertificate,
  authorityKeyIdentifierExtension,
  basicConstraintsExtension,
  encodeName,
  encodePem,
  encodeTbsCertificate,
  keyUsageExtension,
  parseCertificate,
  subjectAltNameExtension,
  subjectKeyIdentifierExtension,
  type Certificate,
  type Extension,
  type GeneralName,
} from '../../src/x509/index.js';

/** A folder that is gone after the test, and programs run in it. */
export class Workbench {
  readonly #folder: string = mkdtempSync(join(tmpdir(), 'judge-'));

  constructor(t: TestContext) {
    t.after(() => {
      rmSync(this.#folder, { recursive: true, force: true });
    });
  }

  /** Writes a file into the folder and answers its name. */
  file(name: string, content: string | Uint8Array): string {
    writeFileSync(join(this.#folder, name), content);
    return name;
  }

  /** Standard output of a program; throws with its standard error where it fails. */
  run(program: string, args: readonly string[], input = ''): string {
    return execFileSync(program, [...args], { cwd: this.#folder, input, stdio: ['pipe', 'pipe', 'pipe'] }).toString();
  }

  /** Whether a program exits with 0. */
  succeeds(program: string, args: readonly string[]): boolean {
    try {
      this.run(program, args);
      return true;
    } catch {
      return false;
    }
  }
}

/** A time within the validity of what sign() makes: now, for programs that look at the clock. */
export const NOW: UnixSeconds = toUnixSeconds(Date.now() / 1000);

/** What sign() shall make. */
export interface Wanted {
  readonly subject: string;
  readonly key: PrivateKey;
  readonly issuer: { readonly subject: string; readonly key: PrivateKey };
  readonly ca?: boolean;
  readonly pathLength?: number;
  readonly names?: readonly GeneralName[];
  readonly extensions?: readonly Extension[];
  readonly notBefore?: number;
  readonly notAfter?: number;
}

/** A really signed certificate of the usual form. */
export async function sign(wanted: Wanted): Promise<Certificate> {
  const { key, issuer, ca = false, names = [] } = wanted;
  const limit = wanted.pathLength === undefined ? {} : { pathLength: wanted.pathLength };
  const tbs = encodeTbsCertificate({
    serialNumber: Uint8Array.of(0x80, ...sha1(key.publicKeyDer).subarray(0, 8)),
    signatureAlgorithm: issuer.key.signatureAlgorithm,
    issuer: encodeName([[{ oid: '2.5.4.3', value: issuer.subject }]]),
    notBefore: toUnixSeconds(NOW + (wanted.notBefore ?? -60)),
    notAfter: toUnixSeconds(NOW + (wanted.notAfter ?? 3_600)),
    subject: encodeName([[{ oid: '2.5.4.3', value: wanted.subject }]]),
    publicKeyDer: key.publicKeyDer,
    extensions: [
      keyUsageExtension(new Set(ca ? (['keyCertSign', 'cRLSign'] as const) : (['digitalSignature'] as const))),
      basicConstraintsExtension({ ca, ...limit }),
      subjectKeyIdentifierExtension(sha1(key.publicKeyDer)),
      authorityKeyIdentifierExtension(sha1(issuer.key.publicKeyDer)),
      ...(names.length === 0 ? [] : [subjectAltNameExtension(names, false)]),
      ...(wanted.extensions ?? []),
    ],
  });
  const algorithm = issuer.key.signatureAlgorithm;
  return parseCertificate(assembleCertificate(tbs, algorithm, await issuer.key.sign(tbs)));
}

/** PEM of a certificate. */
export function pemOf(certificate: Certificate): string {
  return encodePem('CERTIFICATE', certificate.der);
}
