import type { GeneralName } from './general-name.js';
import { quote } from './go-url.js';
import { hostNameProblem } from './host-name.js';
import { formatIp, isIpv4Mapped } from '../base/ip-address.js';
import { isSpiffeUri, uriProblem } from './uri-problem.js';

/** What is wrong with a name that shall be certified: the rule and a sentence. */
export interface GeneralNameProblem {
  readonly rule: string;
  readonly detail: string;
}

/** Names in one certificate: every client reads all of them in every handshake. */
const MAX_NAMES = 1000;

/**
 * What is wrong with names taken together; undefined where nothing is. A SPIFFE ID stands alone among the URIs (X509-SVID
 * §2): of two, one reader takes the first and another the last.
 */
export function namesProblem(names: readonly GeneralName[]): GeneralNameProblem | undefined {
  if (names.length === 0) return { rule: 'san-empty', detail: 'the list of names is empty' };
  if (names.length > MAX_NAMES) {
    return { rule: 'san-count', detail: `there are ${names.length} names, at most ${MAX_NAMES}` };
  }
  const uris = names.flatMap((name) => (name.kind === 'uri' ? [name.value] : []));
  return uris.length > 1 && uris.some(isSpiffeUri)
    ? { rule: 'san-spiffe', detail: `there are ${uris.length} URIs, a SPIFFE ID must be the only one` }
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
