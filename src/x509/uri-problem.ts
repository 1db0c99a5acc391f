import { parseIp } from '../base/ip-address.js';

/** Whether a URI has the scheme of SPIFFE, in whatever case. */
export function isSpiffeUri(uri: string): boolean {
  return /^spiffe:/i.test(uri);
}

/**
 * What is wrong with a URI that shall be certified (RFC 5280 §4.2.1.6: an absolute one); undefined where nothing is. Beyond
 * the RFC: nothing that two readers resolve differently (dot segments, userinfo, escapes that one of them undoes), and
 * SPIFFE IDs in the one form that the specification has.
 */
export function uriProblem(uri: string): string | undefined {
  if (uri.length > 2048) return `it has ${uri.length} characters, at most 2048`;
  if (!/^[A-Za-z0-9\-._~:/?#[\]@!$&'()*+,;=%]*$/.test(uri)) return 'it has characters that no URI has';
  const rest = /^[a-zA-Z][a-zA-Z0-9+.-]*:(.+)$/.exec(uri)?.[1];
  if (rest === undefined) return 'it is not absolute';
  if (/%(?![0-9a-fA-F]{2})/.test(uri)) return 'it has a % that is no escape';
  if (/%(?:2[ef]|5c|00)/i.test(uri)) return 'it has an escaped dot, slash, backslash or NUL';
  if ((uri.match(/%[0-9a-fA-F]{2}/g) ?? []).some(isNeedless)) {
    return 'it has an escaped letter, digit, hyphen, underscore, tilde or control character';
  }
  if (isSpiffeUri(uri)) return spiffeProblem(uri);
  const path = rest.startsWith('//') ? rest.replace(/^\/\/[^/?#]*/, '') : rest;
  if (/(?:^|\/)\.{1,2}(?:\/|\?|#|$)/.test(path)) return 'it has a dot segment';
  return rest.startsWith('//') ? authorityProblem(/^\/\/([^/?#]*)/.exec(rest)?.[1] ?? '') : undefined;
}

/** RFC 3986 §6.2.2.2: an escape of an unreserved character means the character. Control characters mean nothing good. */
function isNeedless(escape: string): boolean {
  const code = Number.parseInt(escape.slice(1), 16);
  return code < 0x20 || code === 0x7f || /[A-Za-z0-9\-._~]/.test(String.fromCharCode(code));
}

/** SPIFFE-ID §2: a trust domain in lower case and a path of plain segments, and nothing else. */
function spiffeProblem(uri: string): string | undefined {
  const [, domain, path] = /^spiffe:\/\/([^/?#]*)(.*)$/.exec(uri) ?? [];
  if (domain === undefined || path === undefined) return 'a SPIFFE ID begins with spiffe://, in lower case';
  if (!/^[a-z0-9._-]{1,255}$/.test(domain)) return 'its trust domain is not lower-case letters, digits, and . - _';
  // X509-SVID §4.1: what is no CA has a path
  if (path === '') return 'it names a trust domain, and nobody in it';
  const segments = path.slice(1).split('/');
  if (segments.some((segment) => segment === '.' || segment === '..')) return 'it has a dot segment';
  return segments.every((segment) => /^[A-Za-z0-9._-]+$/.test(segment))
    ? undefined
    : 'its path is not segments of letters, digits, and . - _';
}

function authorityProblem(authority: string): string | undefined {
  if (authority.includes('@')) return 'it has userinfo';
  if (authority.includes('%')) return 'its host is escaped';
  const [, host = '', port = '1'] = /^(\[[^\]]*\]|[^:]*)(?::([0-9]{1,5}))?$/.exec(authority) ?? [];
  if (Number(port) < 1 || Number(port) > 65535) return 'its port is not 1 to 65535';
  if (host.startsWith('[')) {
    return parseIp(host.slice(1, -1))?.length === 16 ? undefined : 'its host is no IPv6 address';
  }
  if (!/^[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?$/.test(host) || host.includes('..'))
    return 'its host is no host name';
  // 127.1 and 0x7f000001 are addresses to some readers
  const isNumber = /(?:^|\.)(?:[0-9]+|0[xX][0-9a-fA-F]*)$/.test(host);
  return isNumber && parseIp(host) === undefined ? 'its host is a number, and no IPv4 address' : undefined;
}
