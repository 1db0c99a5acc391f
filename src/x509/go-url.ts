/**
 * What Go's net/url says against a URI, in its words, and the host it finds; undefined where Go takes it. Only what
 * crypto/x509 needs of it: whether the URI parses, and its authority.
 */
export type GoUrlResult =
  { readonly kind: 'url'; readonly host: string } | { readonly kind: 'invalid'; readonly detail: string };

class UrlProblem extends Error {}

/** Parses `text` as Go's url.Parse does. */
export function parseGoUrl(text: string): GoUrlResult {
  const hash = text.indexOf('#');
  const main = hash < 0 ? text : text.slice(0, hash);
  let subject = main;
  try {
    const host = parseWithoutFragment(main);
    subject = text;
    if (hash >= 0) checkEscapes(text.slice(hash + 1), 'path');
    return { kind: 'url', host };
  } catch (error) {
    if (error instanceof UrlProblem) return { kind: 'invalid', detail: `parse ${quote(subject)}: ${error.message}` };
    throw error;
  }
}

/** Go's %q for text that is ASCII. */
export function quote(text: string): string {
  let quoted = '';
  for (const character of text) quoted += QUOTED.get(character) ?? quotedControl(character);
  return `"${quoted}"`;
}

const QUOTED: ReadonlyMap<string, string> = new Map([
  ['"', '\\"'],
  ['\\', '\\\\'],
  ['\x07', '\\a'],
  ['\b', '\\b'],
  ['\f', '\\f'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
  ['\v', '\\v'],
]);

function quotedControl(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return code < 0x20 || code === 0x7f ? `\\x${code.toString(16).padStart(2, '0')}` : character;
}

function parseWithoutFragment(text: string): string {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x20 || code === 0x7f) throw new UrlProblem('net/url: invalid control character in URL');
  }
  if (text === '*') return '';
  const { scheme, rest } = splitScheme(text);
  const query = rest.indexOf('?');
  const path = query < 0 ? rest : rest.slice(0, query);
  if (!path.startsWith('/')) {
    if (scheme !== '') return ''; // opaque: mailto:, urn:
    const slash = path.indexOf('/');
    if ((slash < 0 ? path : path.slice(0, slash)).includes(':')) {
      throw new UrlProblem('first path segment in URL cannot contain colon');
    }
  }
  if (path.startsWith('//') && (scheme !== '' || !path.startsWith('///'))) {
    const slash = path.indexOf('/', 2);
    const authority = slash < 0 ? path.slice(2) : path.slice(2, slash);
    const host = parseAuthority(authority);
    checkEscapes(slash < 0 ? '' : path.slice(slash), 'path');
    return host;
  }
  checkEscapes(path, 'path');
  return '';
}

function splitScheme(text: string): { readonly scheme: string; readonly rest: string } {
  const match = /^[a-zA-Z][a-zA-Z0-9+.-]*:/.exec(text);
  if (match !== null) return { scheme: match[0].slice(0, -1), rest: text.slice(match[0].length) };
  if (text.startsWith(':')) throw new UrlProblem('missing protocol scheme');
  return { scheme: '', rest: text };
}

function parseAuthority(authority: string): string {
  const at = authority.lastIndexOf('@');
  const host = parseHost(authority.slice(at + 1));
  if (at >= 0) {
    const userinfo = authority.slice(0, at);
    if (!/^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/.test(userinfo)) throw new UrlProblem('net/url: invalid userinfo');
    checkEscapes(userinfo, 'path');
  }
  return host;
}

function parseHost(host: string): string {
  if (host.startsWith('[')) {
    const close = host.lastIndexOf(']');
    if (close < 0) throw new UrlProblem("missing ']' in host");
    checkPort(host.slice(close + 1));
    return host;
  }
  if (host.lastIndexOf('[') > 0) throw new UrlProblem('invalid IP-literal');
  const colon = host.lastIndexOf(':');
  if (colon >= 0) checkPort(host.slice(colon));
  checkEscapes(host, 'host');
  const bad = /[^A-Za-z0-9\-_.~!$&'()*+,;=:[\]<>"%]/.exec(host);
  if (bad !== null) throw new UrlProblem(`invalid character ${quote(bad[0])} in host name`);
  return host;
}

function checkPort(text: string): void {
  if (text !== '' && !/^:[0-9]*$/.test(text)) throw new UrlProblem(`invalid port ${quote(text)} after host`);
}

/** Percent escapes: two hex digits. In a host only %25 and those of octets above 127. */
function checkEscapes(text: string, mode: 'path' | 'host'): void {
  for (let at = text.indexOf('%'); at >= 0; at = text.indexOf('%', at + 1)) {
    const escape = text.slice(at, at + 3);
    const isAllowed = /^%[0-9a-fA-F]{2}$/.test(escape);
    if (!isAllowed || (mode === 'host' && /^%[0-7]/.test(escape) && escape !== '%25')) {
      throw new UrlProblem(`invalid URL escape ${quote(escape)}`);
    }
  }
}
