import { encodeElement, encodeSequence, encodeUtf8String } from '../asn1/der-writer.js';
import { TAG } from '../asn1/tag.js';
import { utf8 } from '../base/bytes.js';
import {
  basicConstraintsExtension,
  EXTENDED_KEY_USAGE,
  EXTENSION,
  extKeyUsageExtension,
  keyUsageExtension,
} from '../x509/extension.js';
import { ATTRIBUTE, encodeName } from '../x509/name.js';
import { forge, forgeExtensions, sanAttribute, type ForgeKit } from './forge.js';
import type { Expected, LimboCase, LimboRequest } from './limbo-case.js';

function privilege(
  id: string,
  title: string,
  make: (kit: ForgeKit) => Promise<LimboRequest>,
  expect: Expected,
  history?: string,
): LimboCase {
  return {
    id: `privilege/${id}`,
    group: 'privilege',
    title,
    ...(history === undefined ? {} : { history }),
    make,
    expect,
  };
}

const created = (more: Partial<Expected>): Expected => ({ parser: 'reads', api: 'creates', policy: 'denies', ...more });

/** The own name under another subject. */
function subject(
  id: string,
  title: string,
  values: readonly (readonly [string, string])[],
  history?: string,
  signer: Expected['signer'] = 'signs',
): LimboCase {
  return privilege(
    id,
    title,
    async (kit) => ({
      text: await forge(kit, {
        subject: encodeName(values.map(([oid, value]) => [{ oid, value }])).der,
        attributes: [sanAttribute({ kind: 'dns', value: kit.own.serviceDns })],
      }),
    }),
    created({ at: 'request.subject', signer }),
    history,
  );
}

/** The own name, with these words in the API object. */
function words(
  id: string,
  title: string,
  more: Omit<LimboRequest, 'text'>,
  expect: Expected,
  history?: string,
): LimboCase {
  return privilege(id, title, async (kit) => ({ text: await forge(kit), ...more }), expect, history);
}

const { commonName: CN, organization: O, organizationalUnit: OU } = ATTRIBUTE;

const SUBJECT_CASES: readonly LimboCase[] = [
  subject('masters', 'the group system:masters', [[O, 'system:masters']], 'Talos CVE-2022-36103'),
  subject('nodes', 'the group system:nodes', [[O, 'system:nodes']], 'k0s#8333'),
  subject(
    'two-organizations',
    'an honest organisation, and system:masters behind it',
    [
      [O, 'shop'],
      [O, 'system:masters'],
    ],
    'Talos CVE-2022-36103',
  ),
  subject('masters-upper-case', 'system:masters in other letters', [[O, 'SYSTEM:MASTERS']]),
  subject('masters-space', 'system:masters with a blank', [[O, 'system:masters ']], undefined, {
    fails: 'SubjectNotAllowed',
  }),
  subject('organization', 'an organisation that no policy lists', [[O, 'shop']]),
  subject('organizational-unit', 'an organisational unit', [[OU, 'system:masters']]),
  subject('node-name', 'the common name of a node', [[CN, 'system:node:worker-1']], 'kubelet-rubber-stamp#10'),
  subject('admin-name', 'the common name of an administrator', [[CN, 'kubernetes-admin']], 'Deckhouse#22901'),
  subject('controller-name', 'the common name of a controller', [[CN, 'system:kube-controller-manager']]),
  subject('service-account-name', "the user name of another's service account as common name", [
    [CN, 'system:serviceaccount:shop:db'],
  ]),
  subject('country', 'a country', [['2.5.4.6', 'CH']]),
  subject('serial-number', 'a serialNumber in the subject', [['2.5.4.5', '1']]),
];

const never = (at = 'request.extensions[1]'): Expected => created({ at, signer: { fails: 'RequestNotAllowed' } });

const EXTENSION_CASES: readonly LimboCase[] = [
  privilege(
    'ca',
    'to be a CA',
    async (kit) => ({ text: await forgeExtensions(kit, basicConstraintsExtension({ ca: true })) }),
    never(),
  ),
  privilege(
    'ca-path-length',
    'to be a CA above others',
    async (kit) => ({ text: await forgeExtensions(kit, basicConstraintsExtension({ ca: true, pathLength: 5 })) }),
    never(),
  ),
  privilege(
    'cert-sign',
    'keyCertSign in the request, against the usages of the object',
    async (kit) => ({
      text: await forgeExtensions(kit, keyUsageExtension(new Set(['digitalSignature', 'keyCertSign']))),
    }),
    never(),
  ),
  privilege(
    'crl-sign',
    'cRLSign',
    async (kit) => ({ text: await forgeExtensions(kit, keyUsageExtension(new Set(['cRLSign']))) }),
    never(),
  ),
  privilege(
    'name-constraints',
    'name constraints',
    async (kit) => ({
      text: await forgeExtensions(kit, { oid: EXTENSION.nameConstraints, critical: false, value: encodeSequence() }),
    }),
    never(),
  ),
  privilege(
    'certificate-template',
    "Windows' certificate template, which signers drop: a policy does not approve what it does not know",
    async (kit) => ({
      text: await forgeExtensions(kit, {
        oid: '1.3.6.1.4.1.311.20.2',
        critical: false,
        value: encodeUtf8String('DomainController'),
      }),
    }),
    created({ at: 'request.extensions[1]', signer: 'signs' }),
  ),
  privilege(
    'basic-constraints-broken',
    'basic constraints that cannot be read',
    async (kit) => ({
      text: await forgeExtensions(kit, {
        oid: EXTENSION.basicConstraints,
        critical: true,
        value: encodeElement(TAG.octetString, utf8('x')),
      }),
    }),
    never(),
  ),
  privilege(
    'any-eku',
    'anyExtendedKeyUsage in the request: the usages of the object count',
    async (kit) => ({ text: await forgeExtensions(kit, extKeyUsageExtension(['2.5.29.37.0'])) }),
    { parser: 'reads', api: 'creates', policy: 'approves', signer: 'signs' },
  ),
  privilege(
    'client-auth-eku',
    'clientAuth in the request, where the object asks for a server: the usages of the object count',
    async (kit) => ({ text: await forgeExtensions(kit, extKeyUsageExtension([EXTENDED_KEY_USAGE.clientAuth])) }),
    { parser: 'reads', api: 'creates', policy: 'approves', signer: 'signs' },
  ),
];

const SERVER = ['digital signature', 'key encipherment', 'server auth'];

const USAGE_CASES: readonly LimboCase[] = [
  words(
    'usage-cert-sign',
    'the usage cert sign',
    { usages: ['cert sign'] },
    created({ at: 'spec.usages', signer: { fails: 'UsageNotAllowed' } }),
  ),
  words(
    'usage-crl-sign',
    'the usage crl sign',
    { usages: [...SERVER, 'crl sign'] },
    created({ at: 'spec.usages[3]', signer: { fails: 'UsageNotAllowed' } }),
  ),
  words(
    'usage-any',
    'the usage any',
    { usages: ['any'] },
    created({ at: 'spec.usages', signer: { fails: 'UsageNotAllowed' } }),
  ),
  words(
    'usage-client',
    'client auth beside server auth, where the policy grants servers only',
    { usages: [...SERVER, 'client auth'] },
    created({ at: 'spec.usages[3]', signer: 'signs' }),
  ),
  words(
    'usage-code-signing',
    'code signing',
    { usages: [...SERVER, 'code signing'] },
    created({ at: 'spec.usages[3]', signer: { fails: 'UsageNotAllowed' } }),
  ),
  words(
    'usage-missing',
    'a server without server auth',
    { usages: ['digital signature'] },
    created({ at: 'spec.usages', signer: 'signs' }),
  ),
  words(
    'usage-none',
    'no usage at all',
    { usages: [] },
    { parser: 'reads', api: { refuses: 'spec.usages: Required value' } },
  ),
  words(
    'usage-unknown',
    'a usage that does not exist',
    { usages: ['server auth', 'signing certificates'] },
    { parser: 'reads', api: { refuses: 'Unsupported value: "signing certificates"' } },
  ),
  words(
    'usage-upper-case',
    'a usage in capitals',
    { usages: ['Server Auth'] },
    { parser: 'reads', api: { refuses: 'Unsupported value: "Server Auth"' } },
  ),
  words(
    'usage-twice',
    'a usage twice',
    { usages: ['server auth', 'server auth'] },
    { parser: 'reads', api: { refuses: 'Duplicate value: "server auth"' } },
  ),
  words(
    'lifetime-forever',
    'the longest lifetime there is',
    { expirationSeconds: 2_147_483_647 },
    created({ at: 'spec.expirationSeconds', signer: 'signs' }),
  ),
  words(
    'lifetime-short',
    'less than ten minutes',
    { expirationSeconds: 599 },
    { parser: 'reads', api: { refuses: 'may not specify a duration less than 600 seconds' } },
  ),
  words(
    'lifetime-negative',
    'a negative lifetime',
    { expirationSeconds: -1 },
    { parser: 'reads', api: { refuses: 'may not specify a duration less than 600 seconds' } },
  ),
  words(
    'lifetime-absent',
    'no lifetime, where the policy caps it',
    { expirationSeconds: 'none' },
    created({ at: 'spec.expirationSeconds', signer: 'signs' }),
  ),
];

/** Requests for more than a leaf certificate of its own names. */
export const PRIVILEGE_CASES: readonly LimboCase[] = [...SUBJECT_CASES, ...EXTENSION_CASES, ...USAGE_CASES];
