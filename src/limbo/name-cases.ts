import { encodeElement, encodeNull, encodeOidElement, encodeSequence, encodeUtf8String } from '../asn1/der-writer.js';
import { TAG } from '../asn1/tag.js';
import { concatBytes, utf8 } from '../base/bytes.js';
import { parseIp } from '../base/ip-address.js';
import { EXTENSION, encodeExtension } from '../x509/extension.js';
import type { GeneralName } from '../x509/general-name.js';
import { encodeName } from '../x509/name.js';
import { commonName, extensionRequest, forge, forgeNames, sanAttribute, type ForgeKit } from './forge.js';
import type { Expected, LimboCase } from './limbo-case.js';

function names(
  id: string,
  title: string,
  of: (kit: ForgeKit) => readonly GeneralName[],
  expect: Expected,
  history?: string,
): LimboCase {
  return {
    id: `names/${id}`,
    group: 'names',
    title,
    ...(history === undefined ? {} : { history }),
    make: async (kit) => ({ text: await forgeNames(kit, ...of(kit)) }),
    expect,
  };
}

/** A name that is well formed, and not the pod's: whoever signs without looking signs it. */
const NOT_ITS_OWN: Expected = {
  parser: 'reads',
  api: 'creates',
  policy: 'denies',
  at: 'request.subjectAltNames[0]',
  signer: 'signs',
};
/** A name that is nobody's so far: it may become the pod's, so it is waited for, and nothing is granted. */
const NOBODYS: Expected = { parser: 'reads', api: 'creates', policy: 'defers', signer: 'signs' };
/** A name that no certificate of ours carries. */
const NEVER: Expected = { ...NOT_ITS_OWN, signer: { fails: 'NameNotAllowed' } };
const apiRefuses = (refuses: string): Expected => ({ parser: { refuses } });

const dns = (value: string): GeneralName => ({ kind: 'dns', value });
const uri = (value: string): GeneralName => ({ kind: 'uri', value });
const email = (value: string): GeneralName => ({ kind: 'email', value });
const ip = (text: string): GeneralName => ({ kind: 'ip', bytes: parseIp(text) ?? new Uint8Array() });

/** A request whose subjectAltName holds these octets. */
function rawSan(id: string, title: string, elements: readonly Uint8Array[], expect: Expected): LimboCase {
  const extension = { oid: EXTENSION.subjectAltName, critical: false, value: encodeSequence(...elements) };
  return {
    id: `names/${id}`,
    group: 'names',
    title,
    make: async (kit) => ({ text: await forge(kit, { attributes: [extensionRequest(encodeExtension(extension))] }) }),
    expect,
  };
}

/** GeneralName [7] of these octets. */
const rawIp = (...octets: readonly number[]): Uint8Array => encodeElement(0x87, Uint8Array.from(octets));

const KIND_CASES: readonly LimboCase[] = [
  names(
    'other-name',
    'an otherName (a user principal name)',
    () => [{ kind: 'otherName', oid: '1.3.6.1.4.1.311.20.2.3', valueDer: encodeUtf8String('admin@example.com') }],
    NEVER,
    'approver-policy before 0.27: invisible to policy',
  ),
  names('email', 'an email address', () => [email('admin@example.com')], NOT_ITS_OWN, 'approver-policy before 0.27'),
  names('email-quoted', 'an email address with a quoted local part', () => [email('"a@b"@example.com')], NEVER),
  names('x400', 'an x400Address', () => [{ kind: 'x400Address', der: Uint8Array.of(0xa3, 0) }], NEVER),
  names(
    'directory-name',
    'a directoryName',
    () => [{ kind: 'directoryName', name: encodeName([[{ oid: '2.5.4.3', value: 'admin' }]]) }],
    NEVER,
    'approver-policy before 0.27',
  ),
  names('edi-party', 'an ediPartyName', () => [{ kind: 'ediPartyName', der: Uint8Array.of(0xa5, 0) }], NEVER),
  names('registered-id', 'a registeredID', () => [{ kind: 'registeredId', oid: '1.2.3.4' }], NEVER),
  rawSan('unknown-tag', 'a name of a kind that does not exist', [encodeElement(0x8c, utf8('x'))], NEVER),
  rawSan(
    'constructed-dns',
    'a dNSName in constructed form',
    [encodeElement(0xa2, encodeElement(TAG.ia5String, utf8('db.shop')))],
    NEVER,
  ),
  names(
    'own-and-other-kind',
    "the pod's own name with an otherName behind it",
    (kit) => [dns(kit.own.serviceDns), { kind: 'otherName', oid: '1.2.3', valueDer: encodeNull() }],
    { ...NEVER, at: 'request.subjectAltNames[1]' },
  ),
];

const IP_CASES: readonly LimboCase[] = [
  ...[0, 3, 5, 8, 32].map((length) =>
    rawSan(
      `ip-${length}-octets`,
      `an address of ${length} octets`,
      [rawIp(...new Array<number>(length).fill(10))],
      apiRefuses(`cannot parse IP address of length ${length}`),
    ),
  ),
  names('ip-victim', "another pod's address", (kit) => [ip(kit.victim.podIp)], NOT_ITS_OWN, 'cloud-provider-gcp#185'),
  names(
    'ip-victim-service',
    'the cluster IP of a Service that the pod does not back',
    (kit) => [ip(kit.victim.serviceIp)],
    NOT_ITS_OWN,
  ),
  names(
    'ip-mapped',
    "the pod's own address in IPv6 clothes",
    (kit) => [
      {
        kind: 'ip',
        bytes: concatBytes([new Uint8Array(10), Uint8Array.of(255, 255), parseIp(kit.own.podIp) ?? new Uint8Array()]),
      },
    ],
    NEVER,
  ),
  names(
    'ip-compatible',
    "the pod's own address as an IPv4-compatible IPv6 address",
    (kit) => [{ kind: 'ip', bytes: concatBytes([new Uint8Array(12), parseIp(kit.own.podIp) ?? new Uint8Array()]) }],
    NOBODYS,
  ),
  names('ip-loopback', 'loopback', () => [ip('127.0.0.1')], NOT_ITS_OWN),
  names('ip-loopback-6', 'IPv6 loopback', () => [ip('::1')], NOT_ITS_OWN),
  names('ip-unspecified', 'the unspecified address', () => [ip('0.0.0.0')], NOT_ITS_OWN),
  names('ip-metadata', "the cloud's metadata service", () => [ip('169.254.169.254')], NOT_ITS_OWN),
  names('ip-link-local-6', 'an IPv6 link-local address', () => [ip('fe80::1')], NOT_ITS_OWN),
  names('ip-multicast', 'a multicast address', () => [ip('224.0.0.1')], NOT_ITS_OWN),
  names('ip-broadcast', 'the broadcast address', () => [ip('255.255.255.255')], NOT_ITS_OWN),
  names('ip-public', 'an address of the internet', () => [ip('192.0.2.1')], NOBODYS),
  names('ip-in-dns', "the pod's own address as a DNS name", (kit) => [dns(kit.own.podIp)], NEVER),
  names('ip6-in-dns', 'an IPv6 address as a DNS name', () => [dns('fd00::7')], NEVER),
  names(
    'own-and-victim-ip',
    "the pod's own name with another pod's address behind it",
    (kit) => [dns(kit.own.serviceDns), ip(kit.victim.podIp)],
    { ...NOT_ITS_OWN, at: 'request.subjectAltNames[1]' },
    'GHSA-g892-p242-8g86',
  ),
];

const DNS_CASES: readonly LimboCase[] = [
  names(
    'dns-victim',
    'the name of a Service that the pod does not back',
    (kit) => [dns(kit.victim.serviceDns)],
    NOT_ITS_OWN,
  ),
  names('dns-victim-pod', 'the name of another pod', (kit) => [dns(kit.victim.podDns)], NOT_ITS_OWN),
  names(
    'dns-own-and-victim',
    "the pod's own name with another's behind it",
    (kit) => [dns(kit.own.serviceDns), dns(kit.victim.serviceDns)],
    { ...NOT_ITS_OWN, at: 'request.subjectAltNames[1]' },
    'GHSA-87pw-5j2g-6376',
  ),
  names(
    'dns-prefix',
    "a name that begins with the pod's own",
    (kit) => [dns(`${kit.own.serviceDns}.evil.example`)],
    NOT_ITS_OWN,
    'postfinance/kubelet-csr-approver: prefix match',
  ),
  names('dns-suffix', "a name that ends in the pod's own", (kit) => [dns(`x.${kit.own.serviceDns}`)], NOT_ITS_OWN),
  names(
    'dns-glued',
    "a name that ends in the pod's own without a dot",
    (kit) => [dns(`evil${kit.own.serviceDns}`)],
    NOBODYS,
  ),
  names(
    'dns-upper-case',
    "the pod's own name in upper case: it is the same name",
    (kit) => [dns(kit.own.serviceDns.toUpperCase())],
    { parser: 'reads', api: 'creates', policy: 'approves', signer: 'signs' },
  ),
  names('dns-nul', 'a NUL behind the own name', (kit) => [dns(`${kit.own.serviceDns}\u0000.evil.example`)], NEVER),
  names('dns-trailing-dot', 'a dot at the end', (kit) => [dns(`${kit.own.serviceDns}.`)], NEVER),
  names('dns-leading-dot', 'a dot at the beginning', (kit) => [dns(`.${kit.own.serviceDns}`)], NEVER),
  names('dns-two-dots', 'an empty label', () => [dns('web..shop')], NEVER),
  names('dns-underscore', 'an underscore', () => [dns('_web.shop.svc')], NEVER),
  names('dns-space', 'a space', () => [dns('web.shop.svc ')], NEVER),
  names('dns-newline', 'a line feed', () => [dns('web.shop.svc\nevil.example')], NEVER),
  names('dns-comma', 'two names in one', (kit) => [dns(`${kit.own.serviceDns},${kit.victim.serviceDns}`)], NEVER),
  names(
    'dns-wildcard',
    'a wildcard over the whole namespace',
    () => [dns('*.shop.svc.cluster.local')],
    NOT_ITS_OWN,
    'GHSA-59w7-v8rr-pr4p',
  ),
  names('dns-wildcard-alone', 'a wildcard alone', () => [dns('*')], NEVER),
  names('dns-wildcard-inside', 'a wildcard in the middle', () => [dns('web.*.svc.cluster.local')], NEVER),
  names('dns-wildcard-partial', 'a wildcard in a label', () => [dns('w*.shop.svc.cluster.local')], NEVER),
  names(
    'dns-wildcard-own',
    "a wildcard below the pod's own name",
    (kit) => [dns(`*.${kit.own.serviceDns}`)],
    NOT_ITS_OWN,
  ),
  rawSan(
    'dns-not-ascii',
    'octets beyond ASCII',
    [encodeElement(0x82, utf8('wéb.shop.svc'))],
    apiRefuses('SAN dNSName is malformed'),
  ),
  rawSan(
    'dns-homoglyph',
    'a Cyrillic letter that looks Latin',
    [encodeElement(0x82, utf8('wеb.shop.svc.cluster.local'))],
    apiRefuses('SAN dNSName is malformed'),
  ),
  names('dns-punycode', 'a homoglyph in Punycode', () => [dns('xn--wb-5cd.shop.svc.cluster.local')], NOBODYS),
  names('dns-long-label', 'a label of 64 octets', () => [dns(`${'a'.repeat(64)}.shop.svc`)], NEVER),
  names('dns-long-name', 'a name of 254 octets', () => [dns('a.'.repeat(126) + 'bb')], NEVER),
  names('dns-empty', 'an empty name', () => [dns('')], NEVER),
  names('dns-kubernetes', 'the API server', () => [dns('kubernetes.default.svc')], NOT_ITS_OWN),
  names(
    'dns-kubernetes-long',
    "the API server's whole name",
    () => [dns('kubernetes.default.svc.cluster.local')],
    NOT_ITS_OWN,
  ),
  names('dns-kube-dns', 'the cluster DNS', () => [dns('kube-dns.kube-system.svc.cluster.local')], NOT_ITS_OWN),
  names('dns-localhost', 'localhost', () => [dns('localhost')], NOT_ITS_OWN),
  names('dns-bare', 'the bare name of a Service that the pod backs', () => [dns('web')], NOT_ITS_OWN),
  names('dns-short', 'Service and namespace, as resolvers also read it', () => [dns('web.shop')], NOT_ITS_OWN),
  names(
    'dns-other-domain',
    "the own Service in another cluster's domain",
    () => [dns('web.shop.svc.other.cluster')],
    NOT_ITS_OWN,
  ),
  names('dns-public', 'a name of the internet', () => [dns('www.example.com')], NOT_ITS_OWN),
  names(
    'dns-dashed-ip',
    "the dashed form of another pod's address",
    (kit) => [dns(`${kit.victim.podIp.replaceAll('.', '-')}.shop.pod.cluster.local`)],
    NOT_ITS_OWN,
  ),
  names('dns-many', 'a thousand names', () => Array.from({ length: 1000 }, (_, i) => dns(`n${i}.shop.svc`)), {
    ...NOT_ITS_OWN,
    at: 'request.subjectAltNames',
    signer: { fails: 'NameNotAllowed' },
  }),
  names('dns-too-many', 'ten thousand names', () => Array.from({ length: 10_000 }, (_, i) => dns(`n${i}`)), {
    ...NEVER,
    at: 'request.subjectAltNames',
  }),
];

const URI_CASES: readonly LimboCase[] = [
  names('uri-victim', "another service account's SPIFFE ID", (kit) => [uri(kit.victim.spiffe)], NOT_ITS_OWN),
  names('uri-own', 'the own SPIFFE ID, where the policy grants none', (kit) => [uri(kit.own.spiffe)], NOT_ITS_OWN),
  names(
    'uri-traversal',
    'a SPIFFE ID with a dot segment',
    () => [uri('spiffe://cluster.local/ns/shop/sa/web/../db')],
    NEVER,
  ),
  names(
    'uri-escaped-slash',
    'a SPIFFE ID with an escaped slash',
    () => [uri('spiffe://cluster.local/ns/shop/sa%2fdb')],
    NEVER,
  ),
  names('uri-userinfo', 'a URI with a user', () => [uri('spiffe://cluster.local@evil.example/ns/shop/sa/web')], NEVER),
  names(
    'uri-upper-scheme',
    'a SPIFFE ID whose scheme is in capitals',
    () => [uri('SPIFFE://cluster.local/ns/shop/sa/db')],
    NEVER,
  ),
  names('uri-port', 'a SPIFFE ID with a port', () => [uri('spiffe://cluster.local:8443/ns/shop/sa/web')], NEVER),
  names('uri-query', 'a SPIFFE ID with a query', () => [uri('spiffe://cluster.local/ns/shop/sa/web?x')], NEVER),
  names(
    'uri-slash',
    'a SPIFFE ID with a slash at the end',
    () => [uri('spiffe://cluster.local/ns/shop/sa/web/')],
    NEVER,
  ),
  names(
    'uri-two-slashes',
    'a SPIFFE ID with an empty segment',
    () => [uri('spiffe://cluster.local/ns//shop/sa/web')],
    NEVER,
  ),
  names(
    'uri-other-domain',
    "the own path in another's trust domain",
    () => [uri('spiffe://evil.example/ns/shop/sa/web')],
    NOT_ITS_OWN,
  ),
  names(
    'uri-escaped-letter',
    'a SPIFFE ID with an escaped letter: to some readers, the own one',
    () => [uri('spiffe://cluster.local/ns/shop/sa/%77eb')],
    NEVER,
  ),
  names(
    'uri-two',
    "the own SPIFFE ID, and another's behind it",
    (kit) => [uri(kit.own.spiffe), uri(kit.victim.spiffe)],
    { ...NEVER, at: 'request.subjectAltNames' },
  ),
  names('uri-relative', 'a relative URI', () => [uri('/ns/shop/sa/web')], NEVER),
  rawSan(
    'uri-broken',
    'a URI that is none',
    [encodeElement(0x86, utf8('http://[::1'))],
    apiRefuses('cannot parse URI'),
  ),
];

function subjectCase(
  id: string,
  title: string,
  of: (kit: ForgeKit) => Uint8Array,
  expect: Expected,
  history?: string,
): LimboCase {
  return {
    id: `names/${id}`,
    group: 'names',
    title,
    ...(history === undefined ? {} : { history }),
    make: async (kit) => ({
      text: await forge(kit, { subject: of(kit), attributes: [sanAttribute(dns(kit.own.serviceDns))] }),
    }),
    expect,
  };
}

const subjectOf = (...values: readonly string[]): Uint8Array =>
  encodeName(values.map((value) => [{ oid: '2.5.4.3', value }])).der;
const IN_SUBJECT: Expected = { ...NOT_ITS_OWN, at: 'request.subject' };

const COMMON_NAME_CASES: readonly LimboCase[] = [
  subjectCase(
    'cn-victim',
    "another's name in the common name only",
    (kit) => commonName(kit.victim.serviceDns),
    IN_SUBJECT,
  ),
  subjectCase(
    'cn-twice',
    "the own common name, and another's behind it",
    (kit) => subjectOf(kit.own.serviceDns, kit.victim.serviceDns),
    { ...IN_SUBJECT, signer: { fails: 'SubjectNotAllowed' } },
    'approver-policy before 0.27',
  ),
  subjectCase(
    'cn-multi-valued',
    'two common names in one RDN',
    (kit) =>
      encodeName([
        [
          { oid: '2.5.4.3', value: kit.own.serviceDns },
          { oid: '2.5.4.3', value: kit.victim.serviceDns },
        ],
      ]).der,
    { ...IN_SUBJECT, signer: { fails: 'SubjectNotAllowed' } },
  ),
  subjectCase('cn-free-text', 'a common name that is no name', () => commonName('the shop'), IN_SUBJECT),
  subjectCase('cn-wildcard', 'a wildcard as common name', () => commonName('*.shop.svc.cluster.local'), IN_SUBJECT),
  subjectCase(
    'cn-email',
    'an emailAddress attribute',
    (kit) =>
      encodeName([
        [{ oid: '2.5.4.3', value: kit.own.serviceDns }],
        [{ oid: '1.2.840.113549.1.9.1', value: 'admin@example.com' }],
      ]).der,
    { ...IN_SUBJECT, signer: { fails: 'SubjectNotAllowed' } },
  ),
  subjectCase(
    'uid-attribute',
    'a userid attribute',
    (kit) =>
      encodeName([
        [{ oid: '2.5.4.3', value: kit.own.serviceDns }],
        [{ oid: '0.9.2342.19200300.100.1.1', value: 'root' }],
      ]).der,
    { ...IN_SUBJECT, signer: { fails: 'SubjectNotAllowed' } },
  ),
  {
    id: 'names/cn-only',
    group: 'names',
    title: "another's name as common name, and no subjectAltName",
    make: async (kit) => ({ text: await forge(kit, { subject: commonName(kit.victim.serviceDns), attributes: [] }) }),
    expect: IN_SUBJECT,
  },
  subjectCase(
    'cn-bidi',
    'a common name with a character that turns the text round',
    () =>
      encodeSequence(
        encodeElement(TAG.set, encodeSequence(encodeOidElement('2.5.4.3'), encodeUtf8String('web\u202egro.live'))),
      ),
    { ...IN_SUBJECT, signer: { fails: 'SubjectNotAllowed' } },
  ),
  subjectCase(
    'cn-filler',
    'a common name with a letter that does not show',
    () =>
      encodeSequence(
        encodeElement(TAG.set, encodeSequence(encodeOidElement('2.5.4.3'), encodeUtf8String('web\u3164.shop.svc'))),
      ),
    { ...IN_SUBJECT, signer: { fails: 'SubjectNotAllowed' } },
  ),
];

/** Names that are malformed, or somebody else's. */
export const NAME_CASES: readonly LimboCase[] = [
  ...KIND_CASES,
  ...IP_CASES,
  ...DNS_CASES,
  ...URI_CASES,
  ...COMMON_NAME_CASES,
];
