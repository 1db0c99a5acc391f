import {
  encodeElement,
  encodeExplicit,
  encodeNull,
  encodeOctetString,
  encodeOidElement,
  encodeSequence,
  encodeSequenceOf,
  encodeSmallInteger,
  encodeUtf8String,
} from '../asn1/der-writer.js';
import { TAG } from '../asn1/tag.js';
import { toBase64 } from '../base/base64.js';
import { concatBytes, parseUtf8, utf8 } from '../base/bytes.js';
import { encodeExtension, EXTENSION, subjectAltNameExtension } from '../x509/extension.js';
import { encodeName } from '../x509/name.js';
import { encodePem } from '../x509/pem.js';
import {
  attribute,
  commonName,
  extensionRequest,
  forge,
  forgeDer,
  forgeExtensions,
  requestPem,
  sanAttribute,
  type ForgeKit,
} from './forge.js';
import type { Expected, LimboCase, LimboRequest } from './limbo-case.js';

type Make = (kit: ForgeKit) => Uint8Array | Promise<Uint8Array>;

function encoding(id: string, title: string, make: Make, expect: Expected, history?: string): LimboCase {
  return {
    id: `encoding/${id}`,
    group: 'encoding',
    title,
    ...(history === undefined ? {} : { history }),
    make: async (kit): Promise<LimboRequest> => ({ text: await make(kit) }),
    expect,
  };
}

const refused = (refuses: string): Expected => ({ parser: { refuses } });
const NOT_PEM = refused('PEM block type must be CERTIFICATE REQUEST');
/** The API takes it as Kubernetes does; policy and signer do not. */
const tooMuch = (at: string, fails = 'RequestNotAllowed'): Expected => ({
  parser: 'reads',
  api: 'creates',
  policy: 'denies',
  at,
  signer: { fails },
});
/** Odd on the outside; what it holds is an honest request, and every reader sees the same one. */
const HONEST: Expected = { parser: 'reads', api: 'creates', policy: 'approves', signer: 'signs' };

const text = (bytes: Uint8Array): string => parseUtf8(bytes) ?? '';
const changed =
  (change: (pem: string) => string): Make =>
  async (kit) =>
    utf8(change(text(await forge(kit))));

/** A request for somebody else's name, valid in itself. */
const victimPem = async (kit: ForgeKit): Promise<string> =>
  text(
    await forge(kit, {
      subject: commonName(kit.victim.serviceDns),
      attributes: [sanAttribute({ kind: 'dns', value: kit.victim.serviceDns })],
    }),
  );

const PEM_CASES: readonly LimboCase[] = [
  encoding(
    'second-block',
    "a second PEM block with a request for somebody else's name: only the first counts",
    async (kit) => utf8(text(await forge(kit)) + (await victimPem(kit))),
    HONEST,
    'SPIRE 1.14.6: one blob verified, another parsed',
  ),
  encoding(
    'certificate-first',
    'a block of another type before the request',
    async (kit) => utf8(encodePem('CERTIFICATE', await forgeDer(kit)) + text(await forge(kit))),
    NOT_PEM,
  ),
  encoding(
    'text-before',
    'text before the block',
    changed((pem) => `Certificate Request:\n    Data:\n${pem}`),
    HONEST,
  ),
  encoding(
    'text-after',
    'text after the block',
    changed((pem) => `${pem}and more\n`),
    HONEST,
  ),
  encoding(
    'headers',
    'PEM headers',
    changed((pem) => pem.replace('-----\n', '-----\nProc-Type: 4,ENCRYPTED\nX: y\n\n')),
    HONEST,
  ),
  encoding(
    'crlf',
    'lines that end in CR LF',
    changed((pem) => pem.replaceAll('\n', '\r\n')),
    HONEST,
  ),
  encoding('one-line', 'base64 on one line', changed(oneLine), HONEST),
  encoding(
    'blank-lines',
    'blank lines in the base64',
    changed((pem) => pem.replace('-----\n', '-----\n\n\n')),
    HONEST,
  ),
  encoding(
    'new-certificate-request',
    'the old block type NEW CERTIFICATE REQUEST',
    changed((pem) => pem.replaceAll('CERTIFICATE REQUEST', 'NEW CERTIFICATE REQUEST')),
    NOT_PEM,
  ),
  encoding('bare-der', 'DER without PEM', (kit) => forgeDer(kit), NOT_PEM),
  encoding(
    'no-padding',
    'base64 that is cut off',
    changed((pem) => pem.replace(/.\n-----END/, '\n-----END')),
    NOT_PEM,
  ),
  encoding('empty', 'nothing', () => new Uint8Array(), NOT_PEM),
  encoding('empty-block', 'a block without content', () => requestPem(new Uint8Array()), refused('sequence truncated')),
  encoding(
    'no-end',
    'a block without end',
    changed((pem) => pem.replace(/-----END.*/, '')),
    NOT_PEM,
  ),
  encoding(
    'nul',
    'a NUL before the block',
    changed((pem) => `\u0000${pem}`),
    NOT_PEM,
  ),
  encoding(
    'utf16',
    'UTF-16',
    changed((pem) => pem.replaceAll(/[^]/g, '$&\u0000')),
    NOT_PEM,
  ),
];

function oneLine(pem: string): string {
  const [begin = '', ...lines] = pem.trimEnd().split('\n');
  return `${begin}\n${lines.slice(0, -1).join('')}\n${lines.at(-1) ?? ''}\n`;
}

/** The DER with its outermost length written in one octet more than it needs. */
function longLength(der: Uint8Array): Uint8Array {
  // a request takes 128 to 65535 octets, so that its length is 81 xx or 82 xx xx
  const more = (der[1] ?? 0) + 1;
  return concatBytes([Uint8Array.of(TAG.sequence, more, 0), der.subarray(2)]);
}

function indefinite(der: Uint8Array): Uint8Array {
  const header = 2 + ((der[1] ?? 0) & 0x7f);
  return concatBytes([Uint8Array.of(TAG.sequence, 0x80), der.subarray(header), Uint8Array.of(0, 0)]);
}

function nested(depth: number): Uint8Array {
  let der = encodeNull();
  for (let i = 0; i < depth; i++) der = encodeSequence(der);
  return der;
}

const DER_CASES: readonly LimboCase[] = [
  encoding(
    'trailing-octets',
    'octets after the DER',
    async (kit) => requestPem(concatBytes([await forgeDer(kit), Uint8Array.of(0)])),
    refused('trailing data'),
  ),
  encoding(
    'second-request-in-block',
    'a second request in the same block',
    async (kit) => requestPem(concatBytes([await forgeDer(kit), await forgeDer(kit)])),
    refused('trailing data'),
  ),
  encoding(
    'truncated',
    'DER that is cut off',
    async (kit) => requestPem((await forgeDer(kit)).subarray(0, -1)),
    refused('data truncated'),
  ),
  encoding(
    'ber-length',
    'a length in more octets than it needs',
    async (kit) => requestPem(longLength(await forgeDer(kit))),
    refused('superfluous leading zeros in length'),
  ),
  encoding(
    'indefinite-length',
    'an indefinite length',
    async (kit) => requestPem(indefinite(await forgeDer(kit))),
    refused('indefinite length'),
  ),
  encoding(
    'huge-length',
    'a length of four gigabytes',
    () => requestPem(Uint8Array.of(0x30, 0x84, 0xff, 0xff, 0xff, 0xff)),
    refused('length too large'),
  ),
  encoding('deep-nesting', 'thirty thousand SEQUENCEs in each other', () => requestPem(nested(30_000)), refused('')),
  encoding('ten-megabytes', 'ten megabytes of DER', () => requestPem(encodeOctetString(new Uint8Array(10 << 20))), {
    ...NOT_PEM,
    api: { refuses: '' },
  }),
  encoding(
    'pem-of-dashes',
    'a megabyte of dashes, on which naive readers spend minutes',
    () => utf8('-----BEGIN '.repeat(1 << 16)),
    NOT_PEM,
    'CVE-2024-12401, CVE-2025-61723',
  ),
  encoding(
    'integer-not-minimal',
    'a version in more octets than it needs',
    (kit) => forge(kit, { version: Uint8Array.of(TAG.integer, 2, 0, 0) }),
    refused('integer not minimally-encoded'),
  ),
  encoding(
    'version-1',
    'version 1, which does not exist',
    (kit) => forge(kit, { version: encodeSmallInteger(1) }),
    HONEST,
  ),
  encoding(
    'no-attributes',
    'no attributes element',
    (kit) => forge(kit, { rawAttributes: new Uint8Array() }),
    refused('sequence truncated'),
  ),
  encoding(
    'signature-unused-bits',
    'a signature whose last octet is said to be incomplete',
    (kit) => forge(kit, { signature: Uint8Array.of(TAG.bitString, 4, 4, 1, 2, 0xf0) }),
    { parser: 'reads', api: { refuses: 'ECDSA verification failure' } },
  ),
];

const ATTRIBUTE_CASES: readonly LimboCase[] = [
  encoding(
    'two-extension-requests',
    "extensions requested twice, the second time with somebody else's name",
    (kit) =>
      forge(kit, {
        attributes: [
          sanAttribute({ kind: 'dns', value: kit.own.serviceDns }),
          extensionRequest(encodeExtension({ oid: '1.2.3.4', critical: false, value: encodeNull() })),
        ],
      }),
    tooMuch('request.attributes[1]'),
  ),
  encoding(
    'two-sans',
    "two subjectAltName extensions, the second with somebody else's name",
    (kit) =>
      forge(kit, {
        attributes: [
          extensionRequest(
            encodeExtension(subjectAltNameExtension([{ kind: 'dns', value: kit.own.serviceDns }], false)),
            encodeExtension(subjectAltNameExtension([{ kind: 'dns', value: kit.victim.serviceDns }], false)),
          ),
        ],
      }),
    refused('duplicate requested extensions'),
    'approver-policy before 0.27',
  ),
  encoding(
    'two-sans-in-two-attributes',
    'two subjectAltName extensions in two attributes',
    (kit) =>
      forge(kit, {
        attributes: [
          sanAttribute({ kind: 'dns', value: kit.own.serviceDns }),
          sanAttribute({ kind: 'dns', value: kit.victim.serviceDns }),
        ],
      }),
    refused('duplicate requested extensions'),
  ),
  encoding(
    'two-values',
    "an extensionRequest with two values, the second with somebody else's name",
    (kit) =>
      forge(kit, {
        attributes: [
          attribute(
            '1.2.840.113549.1.9.14',
            encodeSequence(
              encodeExtension(subjectAltNameExtension([{ kind: 'dns', value: kit.own.serviceDns }], false)),
            ),
            encodeSequence(
              encodeExtension(subjectAltNameExtension([{ kind: 'dns', value: kit.victim.serviceDns }], false)),
            ),
          ),
        ],
      }),
    tooMuch('request.attributes[0]'),
  ),
  encoding(
    'microsoft-extensions',
    "somebody else's name in Microsoft's attribute for extensions",
    (kit) =>
      forge(kit, {
        attributes: [
          sanAttribute({ kind: 'dns', value: kit.own.serviceDns }),
          attribute(
            '1.3.6.1.4.1.311.2.1.14',
            encodeSequence(
              encodeExtension(subjectAltNameExtension([{ kind: 'dns', value: kit.victim.serviceDns }], false)),
            ),
          ),
        ],
      }),
    tooMuch('request.attributes[1]'),
  ),
  encoding(
    'unreadable-attribute',
    'an attribute that is none',
    (kit) => forge(kit, { attributes: [sanAttribute({ kind: 'dns', value: kit.own.serviceDns }), encodeNull()] }),
    tooMuch('request'),
  ),
  encoding(
    'challenge-password',
    'a challengePassword, which everybody ignores',
    (kit) =>
      forge(kit, {
        attributes: [
          sanAttribute({ kind: 'dns', value: kit.own.serviceDns }),
          attribute('1.2.840.113549.1.9.7', encodeUtf8String('secret')),
        ],
      }),
    HONEST,
  ),
  encoding(
    'duplicate-attributes',
    'the same attribute twice',
    (kit) => {
      const same = attribute('1.2.840.113549.1.9.7', encodeUtf8String('x'));
      return forge(kit, { attributes: [sanAttribute({ kind: 'dns', value: kit.own.serviceDns }), same, same] });
    },
    tooMuch('request'),
  ),
  encoding(
    'critical-unknown',
    'a critical extension that nobody knows',
    (kit) => forgeExtensions(kit, { oid: '1.2.3.4.5', critical: true, value: encodeNull() }),
    tooMuch('request.extensions[1]'),
  ),
  encoding(
    'extension-not-der',
    'an extension whose content is no DER',
    (kit) => forgeExtensions(kit, { oid: '1.2.3.4.5', critical: false, value: Uint8Array.of(2, 3, 0, 0, 1) }),
    tooMuch('request.extensions[1]'),
  ),
  encoding(
    'san-trailing',
    'octets after the list of names',
    (kit) => {
      const { value } = subjectAltNameExtension([{ kind: 'dns', value: kit.own.serviceDns }], false);
      const extension = {
        oid: EXTENSION.subjectAltName,
        critical: false,
        value: concatBytes([value, Uint8Array.of(5, 0)]),
      };
      return forge(kit, { attributes: [extensionRequest(encodeExtension(extension))] });
    },
    tooMuch('request.extensions[0]'),
  ),
  encoding(
    'san-empty',
    'an empty list of names',
    (kit) => forge(kit, { attributes: [sanAttribute()] }),
    tooMuch('request.subjectAltNames', 'NameNotAllowed'),
  ),
  encoding(
    'empty-eku',
    'an empty list of extended key usages',
    (kit) => forgeExtensions(kit, { oid: EXTENSION.extKeyUsage, critical: false, value: encodeSequence() }),
    tooMuch('request.extensions[1]'),
    'CVE-2026-40097',
  ),
];

/** A common name in a string type of a tag, with these octets. */
function cnAs(tag: number, octets: Uint8Array): Uint8Array {
  return encodeSequence(
    encodeElement(TAG.set, encodeSequence(encodeOidElement('2.5.4.3'), encodeElement(tag, octets))),
  );
}

/** ASCII text in characters of two or four octets. */
const wide = (value: string, width: 2 | 4): Uint8Array =>
  Uint8Array.from({ length: value.length * width }, (_, i) =>
    i % width === width - 1 ? value.charCodeAt(Math.floor(i / width)) : 0,
  );

const SUBJECT_CASES: readonly LimboCase[] = [
  encoding(
    'bmp-cn',
    'a common name as BMPString',
    (kit) => forge(kit, { subject: cnAs(TAG.bmpString, wide(kit.own.serviceDns, 2)) }),
    tooMuch('request.subject', 'SubjectNotAllowed'),
    'approver-policy before 0.27',
  ),
  encoding(
    'universal-cn',
    'a common name as UniversalString',
    (kit) => forge(kit, { subject: cnAs(TAG.universalString, wide(kit.own.serviceDns, 4)) }),
    tooMuch('request.subject', 'SubjectNotAllowed'),
    'approver-policy before 0.27',
  ),
  encoding(
    'teletex-cn',
    'a common name as TeletexString',
    (kit) => forge(kit, { subject: cnAs(TAG.teletexString, utf8(kit.own.serviceDns)) }),
    tooMuch('request.subject', 'SubjectNotAllowed'),
  ),
  encoding(
    'integer-cn',
    'a common name that is a number',
    (kit) => forge(kit, { subject: cnAs(TAG.integer, Uint8Array.of(7)) }),
    tooMuch('request.subject', 'SubjectNotAllowed'),
  ),
  encoding(
    'printable-at',
    'a PrintableString with a character that it does not have',
    (kit) => forge(kit, { subject: cnAs(TAG.printableString, utf8('a@b_c')) }),
    refused('PrintableString contains invalid character'),
  ),
  encoding(
    'utf8-broken',
    'a UTF8String that is no UTF-8',
    (kit) => forge(kit, { subject: cnAs(TAG.utf8String, Uint8Array.of(0xc0, 0x80)) }),
    refused('invalid UTF-8 string'),
  ),
  encoding(
    'empty-rdn',
    'an empty RDN',
    (kit) => forge(kit, { subject: encodeSequence(encodeElement(TAG.set)) }),
    tooMuch('request.subject', 'SubjectNotAllowed'),
  ),
  encoding(
    'rdn-order',
    'a multi-valued RDN out of order',
    (kit) =>
      forge(kit, {
        subject: encodeSequence(
          encodeElement(
            TAG.set,
            encodeSequence(encodeOidElement('2.5.4.3'), encodeUtf8String('zz')),
            encodeSequence(encodeOidElement('2.5.4.3'), encodeUtf8String('a')),
          ),
        ),
      }),
    tooMuch('request'),
  ),
  encoding(
    'subject-not-der',
    'an algorithm with parameters that it must not have',
    (kit) => forge(kit, { algorithm: encodeSequence(encodeOidElement('1.2.840.10045.4.3.2'), encodeNull()) }),
    HONEST,
  ),
  encoding('base64-in-base64', 'the PEM in base64 once more', async (kit) => utf8(toBase64(await forge(kit))), NOT_PEM),
  encoding(
    'attributes-as-list',
    'attributes whose SET is a SEQUENCE',
    (kit) =>
      forge(kit, {
        rawAttributes: encodeExplicit(
          0,
          encodeSequence(encodeOidElement('1.2.840.113549.1.9.14'), encodeSequenceOf([])),
        ),
      }),
    tooMuch('request'),
  ),
  encoding(
    'empty-subject-and-names',
    'no name at all',
    (kit) => forge(kit, { subject: encodeName([]).der, attributes: [] }),
    { parser: 'reads', api: 'creates', policy: 'denies', at: 'request', signer: { fails: 'SubjectNotAllowed' } },
    'GHSA-87pw-5j2g-6376: an empty list approved',
  ),
];

/** What the bytes of a request can get wrong, or hide. */
export const ENCODING_CASES: readonly LimboCase[] = [...PEM_CASES, ...DER_CASES, ...ATTRIBUTE_CASES, ...SUBJECT_CASES];
