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

/** Attributes in one subject: clients read all of them in every handshake. */
const MAX_ATTRIBUTES = 100;
const DUPLICATE = { rule: 'subject-duplicate', detail: 'it is there more than once' };

/**
 * What a subject holds that is never certified: attributes that cannot be carried over, values that are no plain text or
 * come in a string type that readers disagree about, empty ones, control characters, blanks that do not show or do not
 * count, commonName or serialNumber twice.
 */
export function subjectFindings(subject: Name): readonly Finding[] {
  const findings: Finding[] = [];
  const seen = new Set<string>();
  const count = subject.rdns.reduce((sum, rdn) => sum + Math.max(1, rdn.length), 0);
  if (count > MAX_ATTRIBUTES) {
    return [
      { rule: 'subject-length', path: 'subject', detail: `it has ${count} attributes, at most ${MAX_ATTRIBUTES}` },
    ];
  }
  for (const [i, rdn] of subject.rdns.entries()) {
    if (rdn.length === 0) findings.push({ rule: 'subject-rdn', path: `subject[${i}]`, detail: 'it is empty' });
    for (const attribute of rdn) {
      const problem = attributeProblem(attribute) ?? (seen.has(attribute.oid) ? DUPLICATE : undefined);
      if (problem !== undefined) findings.push({ path: `subject[${i}].${shortName(attribute.oid)}`, ...problem });
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
  // Control characters, bidirectional overrides, invisible marks, private characters: what they show is not what they are.
  if (/[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}]/u.test(value)) {
    return { rule: 'subject-control', detail: 'it has control or invisible characters' };
  }
  if (/[\p{Default_Ignorable_Code_Point}\u2800]|(?! )\p{Zs}/u.test(value)) {
    return { rule: 'subject-blank', detail: 'it has characters that show as a blank, or not at all' };
  }
  // RFC 4518 §2.6.1: when names are compared, these do not count
  if (/^ | $| {2}/.test(value)) {
    return { rule: 'subject-blank', detail: 'it has blanks at its ends, or two in a row' };
  }
  if (oid === ATTRIBUTE.country && !/^[A-Za-z]{2}$/.test(value)) {
    return { rule: 'subject-country', detail: 'it must be two letters' };
  }
  return undefined;
}
