import { readFile } from 'node:fs/promises';
import type { TokenAuthenticator } from '../apiserver/authentication/authenticator.js';
import type { IssuerWorld } from '../apiserver/authentication/oidc/issuer-keys.js';
import { createOutsideTokens, type OutsideTokens } from '../apiserver/authentication/oidc/outside-tokens.js';
import { CountersignError } from '../base/error.js';
import { systemReason } from '../cli/input.js';
import type { TextListEngine } from '../policy/expression.js';
import { parseAuthenticationConfiguration, type AuthenticationConfiguration } from './authentication-configuration.js';
import { followFile } from './follow-file.js';
import { trustRootProblem } from './issuer-place.js';
import type { FlaggedIssuer } from './oidc-flags.js';

/** Where outside issuers are named. */
export interface OutsideSettings {
  /** By flags. */
  readonly issuer?: FlaggedIssuer;
  /** By a file, which is followed. */
  readonly configurationFile?: string;
}

export interface OutsideOptions {
  readonly settings: OutsideSettings;
  readonly ownIssuers: readonly string[];
  readonly apiAudiences: readonly string[];
  readonly engine: TextListEngine;
  readonly world: IssuerWorld;
}

/** Outside issuers as they are now. */
export interface OutsideIssuers {
  readonly tokens: TokenAuthenticator;
  /** What the file says of requests without credentials. */
  anonymous(): AuthenticationConfiguration['anonymous'];
  close(): void;
}

/** Opens them. Rejects (CONFIG_INVALID) with what is wrong with a file; an issuer that is away is not waited for. */
export async function openOutsideIssuers(options: OutsideOptions): Promise<OutsideIssuers> {
  const { settings, apiAudiences, world, engine, ownIssuers } = options;
  const { issuer, configurationFile } = settings;
  let current: OutsideTokens | undefined;
  let anonymous: AuthenticationConfiguration['anonymous'];
  let closed = false;
  let unfollow = (): void => undefined;
  /** The former ones serve until the new ones have their keys, where those can be had. */
  const replace = (next: OutsideTokens): void => {
    const former = current;
    if (former === undefined) {
      current = next;
      return;
    }
    void next.asked.then(() => {
      if (closed || current !== former) {
        next.close();
        return;
      }
      current = next;
      former.close();
    });
  };
  if (issuer !== undefined) {
    const caPem = issuer.caFile === undefined ? {} : { caPem: await readRoots(issuer.caFile) };
    current = createOutsideTokens([{ ...issuer, ...caPem }], apiAudiences, world);
  } else if (configurationFile !== undefined) {
    unfollow = await followFile<AuthenticationConfiguration>({
      path: configurationFile,
      what: 'authentication configuration',
      parse: (text) => parseAuthenticationConfiguration(text, configurationFile, { engine, ownIssuers }),
      use: (configuration) => {
        anonymous = configuration.anonymous;
        replace(createOutsideTokens(configuration.issuers, apiAudiences, world));
      },
      ...world,
    });
  }
  return {
    tokens: {
      authenticateToken: async (token, audiences) =>
        current === undefined ? { kind: 'none' } : current.authenticateToken(token, audiences),
    },
    anonymous: () => anonymous,
    close: () => {
      closed = true;
      unfollow();
      current?.close();
    },
  };
}

async function readRoots(path: string): Promise<string> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    throw new CountersignError('CONFIG_INVALID', `Cannot read --oidc-ca-file: ${path}: ${systemReason(error)}`);
  }
  const problem = trustRootProblem(text);
  if (problem === undefined) return text;
  throw new CountersignError('CONFIG_INVALID', `Cannot use --oidc-ca-file: ${path}: ${problem}`);
}
