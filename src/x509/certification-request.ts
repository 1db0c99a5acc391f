import { decodeString, stringTypeOf } from '../asn1/der-string.js';
import { parseGeneralizedTime, parseUtcTime } from '../asn1/der-time.js';
import {
  encodeBitString,
  encodeElement,
  encodeExplicit,
  encodeOidElement,
  encodeSequence,
  encodeSequenceOf,
  encodeSmallInteger,
} from '../asn1/der-writer.js';
import { isBoolean } from '../asn1/der-reader.js';
import { TAG } from '../asn1/tag.js';
import { CountersignError } from '../base/error.js';
import { encodeAlgorithmIdentifier, type AlgorithmIdentifier } from './algorithm-identifier.js';
import { EXTENSION_REQUEST, type CertificationRequest, type RequestAttribute } from './certification-request-model.js';
import { encodeExtension, EXTENSION, type Extension } from './extension.js';
import { parseGeneralNames, type GeneralName } from './general-name.js';
import { checkGoBitString, checkGoInteger, goOid, GoReader, syntaxError, type GoElement } from './go-unmarshal.js';
import { attributeOf, type AttributeTypeAndValue, type Name } from './name.js';
import { publicKeyOf, rightAligned, type SubjectPublicKeyInfo } from './public-key.js';
import { withCode } from './refusal.js';

export { strictFindings } from './strict-findings.js';
export { EXTENSION_REQUEST, type CertificationRequest, type RequestAttribute } from './certification-request-model.js';

/** What a request is built from. */
export interface CertificationRequestModel {
  readonly subject: Name;
  readonly publicKeyDer: Uint8Array;
  readonly extensions: readonly Extension[];
}

/** Largest request read, in octets of DER. */
const MAX_REQUEST_BYTES = 1 << 20;

/**
 * Reads a PKCS#10 request as the Kubernetes API does (Go's crypto/x509). Refuses with REQUEST_INVALID; the message is
 * Go's detail text.
 */
export function parseCertificationRequest(der: Uint8Array): CertificationRequest {
  if (der.length > MAX_REQUEST_BYTES)
    throw new CountersignError('REQUEST_INVALID', 'asn1: structure error: length too large');
  const reader = new GoReader(der);
  const outer = reader.expect(16, true, 'certificateRequest');
  const fields = reader.enter(outer);
  const info = fields.expect(16, true, 'tbsCertificateRequest');
  const { subjectElement, publicKey, rawAttributes } = readInfo(fields.enter(info));
  const signatureAlgorithm = readAlgorithm(fields);
  const signature = rightAligned(fields.bitString());
  if (!reader.isEmpty) throw syntaxError('trailing data');
  // Go looks into the parts only after the whole has been read, in this order.
  const parsedKey = withCode('REQUEST_INVALID', publicKey);
  const subject = readSubject(reader, subjectElement);
  const attributes = readRequestAttributes(reader, rawAttributes);
  const extensions = readRequestedExtensions(attributes);
  return {
    der: reader.der(outer),
    infoDer: fields.der(info),
    subject,
    publicKey: parsedKey,
    attributes,
    extensions,
    subjectAltNames: readSubjectAltNames(extensions),
    signatureAlgorithm,
    signature,
  };
}

interface RequestInfoParts {
  readonly subjectElement: GoElement;
  readonly publicKey: () => SubjectPublicKeyInfo;
  readonly rawAttributes: readonly GoElement[];
}

function readInfo(fields: GoReader): RequestInfoParts {
  fields.integer(); // Go takes any version
  const subjectElement = fields.any();
  const keyElement = fields.expect(16, true, 'publicKeyInfo');
  const keyFields = fields.enter(keyElement);
  const algorithm = readAlgorithm(keyFields);
  const bits = keyFields.bitString();
  const rawAttributes = fields.enter(fields.expectContext(0)).list();
  return { subjectElement, publicKey: () => publicKeyOf(fields.der(keyElement), algorithm, bits), rawAttributes };
}

function readAlgorithm(fields: GoReader): AlgorithmIdentifier {
  const inside = fields.enter(fields.expect(16, true, 'AlgorithmIdentifier'));
  const oid = inside.oid();
  return inside.isEmpty ? { oid } : { oid, parameters: inside.der(inside.any()) };
}

function readSubject(reader: GoReader, element: GoElement): Name {
  const whole = new GoReader(reader.der(element));
  const sets = whole.enter(whole.expect(16, true, 'RDNSequence'));
  const rdns: AttributeTypeAndValue[][] = [];
  for (const set of sets.list(17)) {
    const attributes = sets.enter(set);
    const rdn: AttributeTypeAndValue[] = [];
    for (const attribute of attributes.list(16)) rdn.push(readSubjectAttribute(attributes.enter(attribute)));
    rdns.push(rdn);
  }
  return { rdns, der: reader.der(element) };
}

function readSubjectAttribute(fields: GoReader): AttributeTypeAndValue {
  const oid = fields.oid();
  const element = fields.any();
  const content = fields.content(element);
  if (element.tagClass === 0 && !element.compound) {
    checkAttributeValue(element.tag, content);
    return attributeOf(oid, element.tag, content, fields.der(element));
  }
  return { oid, stringType: 'other', valueDer: fields.der(element) };
}

const STRING_REFUSALS: ReadonlyMap<number, string> = new Map([
  [TAG.printableString, 'asn1: syntax error: PrintableString contains invalid character'],
  [TAG.numericString, 'asn1: syntax error: NumericString contains invalid character'],
  [TAG.ia5String, 'asn1: syntax error: IA5String contains invalid character'],
  [TAG.utf8String, 'asn1: invalid UTF-8 string'],
  [TAG.bmpString, 'invalid BMPString'],
]);

/** Go reads the values of a name, though nothing needs those that are no text. */
function checkAttributeValue(tag: number, content: Uint8Array): void {
  const stringType = stringTypeOf(tag);
  const refusal = STRING_REFUSALS.get(tag);
  if (refusal !== undefined && stringType !== undefined && decodeString(stringType, content) === undefined) {
    throw new CountersignError('REQUEST_INVALID', refusal);
  }
  if (tag === TAG.integer) checkGoInteger(content);
  else if (tag === TAG.bitString) checkGoBitString(content);
  else if (tag === TAG.oid) goOid(content);
  else if (tag === TAG.utcTime && parseUtcTime(content, 'go') === undefined) throw badTime();
  else if (tag === TAG.generalizedTime && parseGeneralizedTime(content, 'go') === undefined) throw badTime();
}

function badTime(): CountersignError {
  return new CountersignError(
    'REQUEST_INVALID',
    'asn1: time did not serialize back to the original value and may be invalid',
  );
}

/** Attributes that may fail to be read; each failure costs, and what follows so many is not looked into. */
const MAX_UNREADABLE = 1000;

/** Go passes over attributes that it cannot read; they are kept here without an OID, and nobody signs the request. */
function readRequestAttributes(reader: GoReader, elements: readonly GoElement[]): readonly RequestAttribute[] {
  let unreadable = 0;
  return elements.map((element) => {
    if (unreadable >= MAX_UNREADABLE) return { oid: '', values: [], der: reader.der(element) };
    const attribute = readRequestAttribute(reader, element);
    if (attribute.oid === '') unreadable++;
    return attribute;
  });
}

function readRequestAttribute(reader: GoReader, element: GoElement): RequestAttribute {
  const der = reader.der(element);
  try {
    const whole = new GoReader(der);
    const fields = whole.enter(whole.expect(16, true, 'pkcs10Attribute'));
    const oid = fields.oid();
    const set = fields.enter(fields.expectSet());
    return { oid, values: set.list().map((value) => set.der(value)), der };
  } catch (error) {
    if (error instanceof CountersignError) return { oid: '', values: [], der };
    throw error;
  }
}

function readRequestedExtensions(attributes: readonly RequestAttribute[]): readonly Extension[] {
  const extensions: Extension[] = [];
  const seen = new Set<string>();
  for (const { oid, values } of attributes) {
    const [first] = values;
    if (oid !== EXTENSION_REQUEST || first === undefined) continue;
    for (const extension of readExtensions(first)) {
      if (seen.has(extension.oid)) {
        throw new CountersignError(
          'REQUEST_INVALID',
          'x509: certificate request contains duplicate requested extensions',
        );
      }
      seen.add(extension.oid);
      extensions.push(extension);
    }
  }
  return extensions;
}

function readExtensions(der: Uint8Array): readonly Extension[] {
  const whole = new GoReader(der);
  const list = whole.enter(whole.expect(16, true, ''));
  return list.list(16).map((element) => {
    const fields = list.enter(element);
    const oid = fields.oid();
    let critical = false;
    if (fields.isNext(TAG.boolean)) {
      const content = fields.content(fields.any());
      if (!isBoolean(content)) throw syntaxError('invalid boolean');
      critical = content[0] === 0xff;
    }
    return { oid, critical, value: fields.content(fields.expect(4, false, '')) };
  });
}

function readSubjectAltNames(extensions: readonly Extension[]): readonly GeneralName[] {
  const extension = extensions.find(({ oid }) => oid === EXTENSION.subjectAltName);
  return extension === undefined ? [] : withCode('REQUEST_INVALID', () => parseGeneralNames(extension.value));
}

/** The CertificationRequestInfo to sign. Without extensions the attributes are there, and empty. */
export function buildCertificationRequestInfo(model: CertificationRequestModel): Uint8Array {
  const attributes: Uint8Array[] = [];
  if (model.extensions.length > 0) {
    const extensions = encodeSequenceOf(model.extensions.map(encodeExtension));
    attributes.push(encodeSequence(encodeOidElement(EXTENSION_REQUEST), encodeElement(TAG.set, extensions)));
  }
  return encodeSequence(encodeSmallInteger(0), model.subject.der, model.publicKeyDer, encodeExplicit(0, ...attributes));
}

/** The request, from what was signed and its signature. */
export function assembleCertificationRequest(
  infoDer: Uint8Array,
  algorithm: AlgorithmIdentifier,
  signature: Uint8Array,
): Uint8Array {
  return encodeSequence(infoDer, encodeAlgorithmIdentifier(algorithm), encodeBitString(signature));
}
