import { formatIp, parseIp } from '../base/ip-address.js';
import { parseIpNetwork } from '../base/ip-network.js';
import { PROVABLE_NAMES, type PolicyNames } from '../certificates/approval-policy.js';
import { lowerAscii } from '../certificates/normalised-request.js';
import { invalid, notSupported, required, type FieldError } from '../kube/field-error.js';
import { generalNameProblem } from '../x509/general-name-problem.js';
import { dnsPatternProblem } from './dns-pattern.js';
import { validateTexts, type TextRule } from './validate-list.js';

/** Most names of one request that a policy may take. */
const MAX_NAMES = 100;

/** What is wrong with the names that a policy grants. */
export function validateNames(names: PolicyNames | undefined): readonly FieldError[] {
  const field = 'spec.names';
  if (names === undefined) return [required(field)];
  return [
    ...(grantsAnything(names)
      ? []
      : [required(field, 'must grant some name; a policy that grants none approves nothing')]),
    ...validateProvable(names.provable, `${field}.provable`),
    ...validateNodeAddresses(names.nodeAddresses, `${field}.nodeAddresses`),
    ...validateTexts(names.dns, `${field}.dns`, dnsPattern),
    ...validateTexts(names.cidrs, `${field}.cidrs`, (text, at) => [...network(text, at), ...notEverything(text, at)]),
    ...validateTexts(names.uris, `${field}.uris`, uri),
    ...validateTexts(names.emails, `${field}.emails`, email),
    ...validateTexts(names.wildcards, `${field}.wildcards`, wildcard),
    ...validateTexts(names.reservedNames, `${field}.reservedNames`, reservedName),
    ...validateMaxCount(names.maxCount, `${field}.maxCount`),
  ];
}

function grantsAnything(names: PolicyNames): boolean {
  const { provable, ownNode, nodeAddresses, dns, cidrs, uris, emails, wildcards, reservedNames } = names;
  const lists = [
    provable,
    dns,
    cidrs,
    uris,
    emails,
    wildcards,
    reservedNames,
    nodeAddresses?.dns,
    nodeAddresses?.cidrs,
  ];
  return ownNode === true || lists.some((list) => (list ?? []).length > 0);
}

function validateProvable(kinds: PolicyNames['provable'], field: string): readonly FieldError[] {
  const known: readonly string[] = PROVABLE_NAMES;
  return validateTexts(kinds, field, (kind, at) => (known.includes(kind) ? [] : [notSupported(at, kind, known)]));
}

function validateNodeAddresses(bounds: PolicyNames['nodeAddresses'], field: string): readonly FieldError[] {
  if (bounds === undefined) return [];
  const isEmpty = (bounds.dns ?? []).length === 0 && (bounds.cidrs ?? []).length === 0;
  return [
    ...(isEmpty ? [required(field, 'must bound what a node may ask for by dns or cidrs')] : []),
    ...validateTexts(bounds.dns, `${field}.dns`, dnsPattern),
    ...validateTexts(bounds.cidrs, `${field}.cidrs`, network),
  ];
}

const dnsPattern: TextRule = (text, field) => problemAt(field, text, dnsPatternProblem(text));

const network: TextRule = (text, field) =>
  parseIpNetwork(text) === undefined
    ? [invalid(field, text, 'must be a network like 10.0.0.0/8 or fd00::/8, with no bits set after its prefix')]
    : [];

/** What is granted without proof must not be every address. */
const notEverything: TextRule = (text, field) =>
  parseIpNetwork(text)?.prefixLength === 0 ? [invalid(field, text, 'must not be every address')] : [];

const uri: TextRule = (text, field) => problemAt(field, text, generalNameProblem({ kind: 'uri', value: text })?.detail);

const email: TextRule = (text, field) =>
  problemAt(field, text, generalNameProblem({ kind: 'email', value: text })?.detail);

const wildcard: TextRule = (text, field) =>
  text.startsWith('*.')
    ? dnsName(text, field)
    : [invalid(field, text, "must be a wildcard name like '*.shop.example.com'")];

/** A name or address to the letter, or a value of a subject that begins with `system:`. */
const reservedName: TextRule = (text, field) => {
  if (text.includes('*')) return [invalid(field, text, 'must be one name; a wildcard never grants a reserved name')];
  if (lowerAscii(text).startsWith('system:')) return [];
  if (text.includes('://')) return uri(text, field);
  const octets = parseIp(text);
  if (octets === undefined) return dnsName(text, field);
  const canonical = formatIp(octets);
  return canonical === text ? [] : [invalid(field, text, `must be written as ${canonical}`)];
};

function dnsName(text: string, field: string): readonly FieldError[] {
  const problem = generalNameProblem({ kind: 'dns', value: text })?.detail;
  if (problem !== undefined) return problemAt(field, text, problem);
  return lowerAscii(text) === text ? [] : [invalid(field, text, 'must be in lower case')];
}

function problemAt(field: string, text: string, problem: string | undefined): readonly FieldError[] {
  return problem === undefined ? [] : [invalid(field, text, problem)];
}

function validateMaxCount(count: number | undefined, field: string): readonly FieldError[] {
  return count === undefined || (Number.isInteger(count) && count >= 1 && count <= MAX_NAMES)
    ? []
    : [invalid(field, count, `must be a whole number from 1 to ${MAX_NAMES}`)];
}
