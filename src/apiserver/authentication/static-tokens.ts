import { equalBytes, toHex, utf8 } from '../../base/bytes.js';
import { CountersignError } from '../../base/error.js';
import { sha256 } from '../../crypto/digest.js';
import type { UserInfo } from '../../kube/object-meta.js';
import type { TokenAuthenticator } from './authenticator.js';
import { parseCsv } from './csv.js';

interface KnownToken {
  readonly digest: Uint8Array;
  readonly user: UserInfo;
}

/** Users by the SHA-256 of their token; the tokens themselves are not kept. */
export type StaticTokens = ReadonlyMap<string, KnownToken>;

/**
 * Reads a token file: CSV lines of `token,user,uid[,"group1,group2"]`. Refuses with CONFIG_INVALID and the line: fewer
 * than three columns, an empty token or user, a token with white space or other than ASCII in it, a token that stands twice.
 */
export function parseStaticTokens(text: string, file: string): StaticTokens {
  const tokens = new Map<string, KnownToken>();
  for (const { line, fields } of parseCsv(text, file)) {
    const refuse = (what: string): CountersignError =>
      new CountersignError('CONFIG_INVALID', `Cannot read token file: ${file}:${line}: ${what}`);
    const [token, username, uid, groups = ''] = fields;
    if (token === undefined || username === undefined || uid === undefined) {
      throw refuse(`${fields.length} columns, at least token, user and uid are needed`);
    }
    // Headers carry nothing else reliably.
    if (!/^[\x21-\x7e]+$/.test(token)) throw refuse('token is empty or holds other than visible ASCII characters');
    if (username === '') throw refuse('user is empty');
    const digest = sha256(utf8(token));
    const key = toHex(digest);
    if (tokens.has(key)) throw refuse('token stands twice');
    const user = {
      username,
      ...(uid === '' ? {} : { uid }),
      groups: groups
        .split(',')
        .map((group) => group.trim())
        .filter((group) => group !== ''),
    };
    tokens.set(key, { digest, user });
  }
  return tokens;
}

/**
 * Authenticates by a token file. Tokens are compared by their digests, so time tells nothing about them. They know no
 * audiences: they count as meant for `apiAudiences`.
 */
export function createStaticTokenAuthenticator(
  tokens: StaticTokens,
  apiAudiences: readonly string[],
): TokenAuthenticator {
  return {
    authenticateToken: async (token, audiences) => {
      const digest = sha256(utf8(token));
      const known = tokens.get(toHex(digest));
      if (known === undefined || !equalBytes(known.digest, digest)) return { kind: 'none' };
      const common = apiAudiences.filter((audience) => audiences.includes(audience));
      if (common.length === 0) return { kind: 'none' };
      return { kind: 'user', user: known.user, audiences: common };
    },
  };
}
