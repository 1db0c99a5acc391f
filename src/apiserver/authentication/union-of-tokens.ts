import type { CredentialVerdict, TokenAuthenticator } from './authenticator.js';

/** Asks several methods in order: the first success wins; without one, the errors of all together. */
export function unionOfTokens(methods: readonly TokenAuthenticator[]): TokenAuthenticator {
  return {
    authenticateToken: async (token, audiences) => {
      const errors: string[] = [];
      for (const method of methods) {
        const verdict: CredentialVerdict = await method.authenticateToken(token, audiences);
        if (verdict.kind === 'user') return verdict;
        if (verdict.kind === 'invalid') errors.push(verdict.error);
      }
      if (errors.length === 0) return { kind: 'none' };
      return { kind: 'invalid', error: `[${['invalid bearer token', ...errors].join(', ')}]` };
    },
  };
}
