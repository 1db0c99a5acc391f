import type { FieldError } from '../kube/field-error.js';
import { invalid, required, tooLong } from '../kube/field-error.js';
import { byteLength, dnsLabelProblems, dnsSubdomainProblems } from '../kube/names.js';

const MAX_DOMAIN = 253;
/** A domain, a slash, and a path that a ClusterTrustBundle's name must hold too. */
const MAX_TOTAL = 571;

/** The signer that certificates.k8s.io/v1 no longer takes. */
export const LEGACY_UNKNOWN = 'kubernetes.io/legacy-unknown';

/** What is wrong with a signer's name: `domain/path`, both of lower-case DNS names (pkg/apis/core/validation/names.go). */
export function validateSignerName(signerName: string, field: string): readonly FieldError[] {
  if (signerName === '') return [required(field)];
  const [domain, path, ...more] = signerName.split('/');
  if (domain === undefined || path === undefined || more.length > 0) {
    return [
      invalid(field, signerName, "must be a fully qualified domain and path of the form 'example.com/signer-name'"),
    ];
  }
  const errors: FieldError[] = [];
  if (byteLength(domain) > MAX_DOMAIN) errors.push(tooLong(field, MAX_DOMAIN));
  const labels = domain.split('.');
  errors.push(...firstBadLabel(labels, dnsLabelProblems, field, domain));
  if (labels.length < 2) {
    errors.push(invalid(field, domain, 'should be a domain with at least two segments separated by dots'));
  }
  errors.push(...firstBadLabel(path.split('.'), dnsSubdomainProblems, field, path));
  if (byteLength(signerName) > MAX_TOTAL) errors.push(tooLong(field, MAX_TOTAL));
  return errors;
}

function firstBadLabel(
  labels: readonly string[],
  problemsOf: (label: string) => readonly string[],
  field: string,
  whole: string,
): readonly FieldError[] {
  for (const label of labels) {
    const problems = problemsOf(label);
    if (problems.length > 0) {
      return problems.map((problem) => invalid(field, whole, `validating label ${JSON.stringify(label)}: ${problem}`));
    }
  }
  return [];
}
