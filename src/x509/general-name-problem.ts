import type { GeneralName } from './general-name.js';
import { quote } from './go-url.js';
import { hostNameProblem } from './host-name.js';
import { formatIp, isIpv4Mapped, parseIp } from '../base/ip-address.js';

/** What is wrong with a name that shall be certified: the rule and a sentence. */
export interface GeneralNameProblem {
  readonly rule: string;
  readonly detail: string;
}

/** Names in one certificate: every client reads all of them in every handshake. */
const MAX_NAMES = 1000;

/** What is wrong with the number of names; undefined where nothing is. */
export function namesProblem(names: readonly GeneralName[]): GeneralNameProblem | undefined {
  if (names.length === 0) return { rule: 'san-empty', detail: 'the list of names is empty' };
  return names.length > MAX_NAMES
    ? { rule: 'san-count', detail: `there are ${names.length} names, at most ${MAX_NAMES}` }
    : undefined;
}

/**
 * Whether a GeneralName may be put into a certificate of ours; undefined where it may. DNS names, IP addresses, URIs and
 * email addresses in the plain forms that everybody reads alike; every other kind is refused by name.
 */
export function generalNameProblem(name: GeneralName): GeneralNameProblem | undefined {
  switch (name.kind) {
    case 'dns': {
      const problem = hostNameProblem(name.value);
      return problem === undefined
        ? undefined
        : { rule: 'san-dns', detail: `DNS name ${quote(name.value)}: ${problem}` };
    }
    case 'ip':
      if (name.bytes.length !== 4 && name.bytes.length !== 16) {
        return { rule: 'san-ip', detail: `IP address of ${name.bytes.length} octets, must be 4 or 16` };
      }
      return isIpv4Mapped(name.bytes)
        ? { rule: 'san-ip', detail: `IP address ${formatIp(name.bytes)} is an IPv4 address in an IPv6 one` }
        : undefined;
    case 'uri': {
      const problem = uriProblem(name.value);
      return problem === undefined ? undefined : { rule: 'san-uri', detail: `URI ${quote(name.value)}: ${problem}` };
    }
    case 'email': {
      const problem = emailProblem(name.value);
      return problem === undefined
        ? undefined
        : { rule: 'san-email', detail: `email address ${quote(name.value)}: ${problem}` };
    }
    case 'otherName':
    case 'x400Address':
    case 'directoryName':
    case 'ediPartyName':
    case 'registeredId':
    case 'unknown':
      return { rule: 'san-kind', detail: `a name of kind ${name.kind} is never certified` };
  }
}

/** RFC 5280 §4.2.1.6: an absolute URI. Beyond it: nothing that two readers resolve differently (dot segments, %2f, userinfo). */
function uriProblem(uri: string): string | undefined {
  if (uri.length > 2048) return `it has ${uri.length} characters, at most 2048`;
  if (!/^[A-Za-z0-9\-._~:/?#[\]@!$&'()*+,;=%]*$/.test(uri)) return 'it has characters that no URI has';
  const match = /^([a-zA-Z][a-zA-Z0-9+.-]*):(.+)$/.exec(uri);
  const rest = match?.[2];
  if (rest === undefined) return 'it is not absolute';
  if (/%(?![0-9a-fA-F]{2})/.test(uri)) return 'it has a % that is no escape';
  if (/%(?:2[ef]|5c|00)/i.test(uri)) return 'it has an escaped dot, slash, backslash or NUL';
  const path = rest.startsWith('//') ? rest.replace(/^\/\/[^/?#]*/, '') : rest;
  if (/(?:^|\/)\.{1,2}(?:\/|\?|#|$)/.test(path)) return 'it has a dot segment';
  return rest.startsWith('//') ? authorityProblem(/^\/\/([^/?#]*)/.exec(rest)?.[1] ?? '') : undefined;
}

function authorityProblem(authority: string): string | undefined {
  if (authority.includes('@')) return 'it has userinfo';
  if (authority.includes('%')) return 'its host is escaped';
  const bracketed = /^\[([^\]]*)\](?::[0-9]{1,5})?$/.exec(authority);
  if (bracketed !== null) {
    return parseIp(bracketed[1] ?? '')?.length === 16 ? undefined : 'its host is no IPv6 address';
  }
  const host = authority.replace(/:[0-9]{1,5}$/, '');
  if (host === '') return 'it has no host';
  // A SPIFFE trust domain may be a single label with underscores (SPIFFE-ID §2.1), so the rule is laxer than for dNSName.
  return /^[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?$/.test(host) && !host.includes('..')
    ? undefined
    : 'its host is no host name';
}

/** RFC 5280 §4.2.1.6: a Mailbox. Quoted local parts and domain literals are refused: nobody needs them, many misread them. */
function emailProblem(address: string): string | undefined {
  if (address.length > 254) return `it has ${address.length} characters, at most 254`;
  const at = address.lastIndexOf('@');
  if (at < 1) return 'it has no local part';
  const local = address.slice(0, at);
  if (local.length > 64 || !/^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/.test(local)) {
    return 'its local part is no dot-separated atoms';
  }
  const domain = address.slice(at + 1);
  return domain.startsWith('*') ? 'its domain has a wildcard' : hostNameProblem(domain);
}
