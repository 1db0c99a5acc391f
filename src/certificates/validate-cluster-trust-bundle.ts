import { toBase64 } from '../base/base64.js';
import { hasCode } from '../base/error.js';
import { type FieldError, invalid, tooLong } from '../kube/field-error.js';
import { byteLength, dnsSubdomainProblems } from '../kube/names.js';
import { type Certificate, parseCertificate } from '../x509/certificate.js';
import { decodePem, type PemBlock } from '../x509/pem.js';
import type { ClusterTrustBundle } from './cluster-trust-bundle.js';
import { validateSignerName } from './signer-name.js';

/** Longest `spec.trustBundle`. */
export const MAX_TRUST_BUNDLE_BYTES = 1_048_576;

const BUNDLE = 'spec.trustBundle';

/** Stands for the bundle in refusals: it is long, and whoever wrote it knows it. */
const OMITTED_BUNDLE = '<value omitted>';

/** What is wrong with a new bundle, in the API's order (pkg/apis/certificates/validation). */
export function validateClusterTrustBundle(bundle: ClusterTrustBundle): readonly FieldError[] {
  return [...validateNames(bundle), ...validateAnchors(bundle.spec.trustBundle)];
}

/** What is wrong with a changed bundle: its anchors are read again only where they changed. */
export function validateClusterTrustBundleUpdate(
  next: ClusterTrustBundle,
  previous: ClusterTrustBundle,
): readonly FieldError[] {
  const errors = [...validateNames(next)];
  if (next.spec.trustBundle !== previous.spec.trustBundle) errors.push(...validateAnchors(next.spec.trustBundle));
  const signerName = next.spec.signerName ?? '';
  if (signerName !== (previous.spec.signerName ?? '')) {
    errors.push(invalid('spec.signerName', signerName, 'field is immutable'));
  }
  return errors;
}

function validateNames({ metadata, spec }: ClusterTrustBundle): readonly FieldError[] {
  const { name = '', generateName = '' } = metadata;
  const { signerName = '' } = spec;
  const errors: FieldError[] = [];
  if (generateName !== '') {
    for (const problem of nameProblems(generateName, signerName, true)) {
      errors.push(invalid('metadata.generateName', generateName, problem));
    }
  }
  for (const problem of nameProblems(name, signerName, false)) errors.push(invalid('metadata.name', name, problem));
  if (signerName !== '') errors.push(...validateSignerName(signerName, 'spec.signerName'));
  return errors;
}

/** A bundle of a signer carries the signer in its name, `example.com:serving:more`; others have no colon in theirs. */
function nameProblems(name: string, signerName: string, prefix: boolean): readonly string[] {
  if (signerName === '') {
    return name.includes(':')
      ? ['ClusterTrustBundle without signer name must not have ":" in its name']
      : dnsSubdomainProblems(name, prefix);
  }
  const start = `${signerName.replaceAll('/', ':')}:`;
  return name.startsWith(start)
    ? dnsSubdomainProblems(name.slice(start.length), prefix)
    : [`ClusterTrustBundle for signerName ${signerName} must be named with prefix ${start}`];
}

/** What is wrong with trust anchors in PEM; text around the blocks is let be, as by the real API server. */
function validateAnchors(trustBundle: string): readonly FieldError[] {
  if (byteLength(trustBundle) > MAX_TRUST_BUNDLE_BYTES) return [tooLong(BUNDLE, MAX_TRUST_BUNDLE_BYTES)];
  const limits = { maxBytes: MAX_TRUST_BUNDLE_BYTES, maxBlocks: Number.POSITIVE_INFINITY };
  const blocks = decodePem(trustBundle, limits);
  const problems = blocks.flatMap((block, i) => problemOfEntry(block, i) ?? []);
  if (problems.length === 0) {
    if (blocks.length === 0) problems.push('at least one trust anchor must be provided');
    problems.push(...duplicates(blocks));
  }
  return problems.map((problem) => invalid(BUNDLE, OMITTED_BUNDLE, problem));
}

function problemOfEntry(block: PemBlock, index: number): string | undefined {
  if (block.type !== 'CERTIFICATE') return `entry ${index} has bad block type: ${block.type}`;
  if (block.headers.size > 0) return `entry ${index} has PEM block headers`;
  const certificate = readCertificate(block.bytes);
  if (certificate === undefined) return `entry ${index} does not parse as X.509`;
  return certificate.basicConstraints?.ca === true ? undefined : `entry ${index} does not have the CA bit set`;
}

function readCertificate(der: Uint8Array): Certificate | undefined {
  try {
    return parseCertificate(der);
  } catch (error) {
    if (hasCode(error, 'CERTIFICATE_INVALID')) return undefined;
    throw error;
  }
}

function duplicates(blocks: readonly PemBlock[]): readonly string[] {
  const indices = new Map<string, number[]>();
  blocks.forEach(({ bytes }, i) => {
    const der = toBase64(bytes);
    const same = indices.get(der);
    if (same === undefined) indices.set(der, [i]);
    else same.push(i);
  });
  return [...indices.values()]
    .filter((same) => same.length > 1)
    .map((same) => `duplicate trust anchor (indices [${same.join(' ')}])`);
}
