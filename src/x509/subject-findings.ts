import type { Finding } from './finding.js';
import { ATTRIBUTE, shortName, type AttributeTypeAndValue, type Name } from './name.js';

/** Attribute types that a certificate of ours may carry; all others are refused rather than dropped without a word. */
const ALLOWED: ReadonlySet<string> = new Set([
  ATTRIBUTE.country,
  ATTRIBUTE.province,
  ATTRIBUTE.locality,
  ATTRIBUTE.streetAddress,
  ATTRIBUTE.postalCode,
  ATTRIBUTE.organization,
  ATTRIBUTE.organizationalUnit,
  ATTRIBUTE.commonName,
  ATTRIBUTE.serialNumber,
]);

const MAX_LENGTH = 1024;

/**
 * What a subject holds that is never certified: attributes that cannot be carried over, values that are no plain text or
 * come in a string type that readers disagree about, empty ones, control characters, commonName or serialNumber twice.
 */
export function subjectFindings(subject: Name): readonly Finding[] {
  const findings: Finding[] = [];
  const seen = new Set<string>();
  for (const [i, rdn] of subject.rdns.entries()) {
    if (rdn.length === 0) findings.push({ rule: 'subject-rdn', path: `subject[${i}]`, detail: 'it is empty' });
    for (const attribute of rdn) {
      const path = `subject[${i}].${shortName(attribute.oid)}`;
      const problem = attributeProblem(attribute);
      if (problem !== undefined) findings.push({ path, ...problem });
      if (seen.has(attribute.oid))
        findings.push({ rule: 'subject-duplicate', path, detail: 'it is there more than once' });
      if (attribute.oid === ATTRIBUTE.commonName || attribute.oid === ATTRIBUTE.serialNumber) seen.add(attribute.oid);
    }
  }
  return findings;
}

function attributeProblem({
  oid,
  value,
  stringType,
}: AttributeTypeAndValue): { readonly rule: string; readonly detail: string } | undefined {
  if (!ALLOWED.has(oid)) return { rule: 'subject-attribute', detail: 'an attribute of this type is never certified' };
  if (value === undefined || (stringType !== 'utf8' && stringType !== 'printable' && stringType !== 'ia5')) {
    return {
      rule: 'subject-string',
      detail: `its string type is ${stringType}, must be UTF8String or PrintableString`,
    };
  }
  if (value === '') return { rule: 'subject-empty-value', detail: 'it is empty' };
  if (value.length > MAX_LENGTH) {
    return { rule: 'subject-length', detail: `it has ${value.length} characters, at most ${MAX_LENGTH}` };
  }
  // Control characters, bidirectional overrides and invisible marks: what they show is not what they are.
  if (/[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]/.test(value)) {
    return { rule: 'subject-control', detail: 'it has control or invisible characters' };
  }
  if (oid === ATTRIBUTE.country && !/^[A-Za-z]{2}$/.test(value)) {
    return { rule: 'subject-country', detail: 'it must be two letters' };
  }
  return undefined;
}
