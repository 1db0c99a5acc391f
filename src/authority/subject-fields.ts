import { ATTRIBUTE, type Name, type NameInput } from '../x509/name.js';

/** A subject by its usual attributes. */
export interface SubjectFields {
  readonly countries?: readonly string[];
  readonly provinces?: readonly string[];
  readonly localities?: readonly string[];
  readonly streetAddresses?: readonly string[];
  readonly postalCodes?: readonly string[];
  readonly organizations?: readonly string[];
  readonly organizationalUnits?: readonly string[];
  readonly commonName?: string;
  readonly serialNumber?: string;
}

/** Attribute types that a certificate of ours may carry, in the order in which they are written. */
const ORDER: readonly (readonly [oid: string, field: keyof SubjectFields])[] = [
  [ATTRIBUTE.country, 'countries'],
  [ATTRIBUTE.province, 'provinces'],
  [ATTRIBUTE.locality, 'localities'],
  [ATTRIBUTE.streetAddress, 'streetAddresses'],
  [ATTRIBUTE.postalCode, 'postalCodes'],
  [ATTRIBUTE.organization, 'organizations'],
  [ATTRIBUTE.organizationalUnit, 'organizationalUnits'],
  [ATTRIBUTE.commonName, 'commonName'],
  [ATTRIBUTE.serialNumber, 'serialNumber'],
];

/** Attribute types of which a subject has one value at most. */
const SINGLE: ReadonlySet<string> = new Set([ATTRIBUTE.commonName, ATTRIBUTE.serialNumber]);

/** A subject rebuilt from what was asked for, or why it cannot be without leaving something out. */
export type RebuiltSubject =
  { readonly kind: 'subject'; readonly subject: NameInput } | { readonly kind: 'refused'; readonly message: string };

/** RDNs of a subject: one an attribute type, all its values in it, as kube-controller-manager writes them. */
export function subjectName(fields: SubjectFields): NameInput {
  return ORDER.flatMap(([oid, field]) => {
    const value = fields[field] ?? [];
    const values = (typeof value === 'string' ? [value] : value).filter((text) => text !== '');
    return values.length === 0 ? [] : [values.map((text) => ({ oid, value: text }))];
  });
}

/**
 * Reads a requested subject into values and writes it anew. Refuses what could not be carried over as it was approved:
 * an attribute type outside the table, a value that is no text or is empty, a second commonName or serialNumber.
 */
export function rebuildSubject(requested: Name): RebuiltSubject {
  const values = new Map<string, string[]>();
  for (const attribute of requested.rdns.flat()) {
    const known = ORDER.some(([oid]) => oid === attribute.oid);
    if (!known)
      return refused(`the subject has an attribute of type ${attribute.oid}, which no certificate here carries`);
    if (attribute.value === undefined || attribute.value === '') {
      return refused(`the subject has an attribute of type ${attribute.oid} without text`);
    }
    const sameType = values.get(attribute.oid) ?? [];
    if (sameType.length > 0 && SINGLE.has(attribute.oid)) {
      return refused(`the subject has more than one attribute of type ${attribute.oid}`);
    }
    values.set(attribute.oid, [...sameType, attribute.value]);
  }
  const subject = ORDER.flatMap(([oid]) => {
    const texts = values.get(oid);
    return texts === undefined ? [] : [texts.map((value) => ({ oid, value }))];
  });
  return { kind: 'subject', subject };
}

function refused(message: string): RebuiltSubject {
  return { kind: 'refused', message };
}
