import type { TokenAuthenticator } from '../apiserver/authentication/authenticator.js';
import type { AnonymousAccess } from '../apiserver/authentication/create-authenticator.js';
import type { IssuerWorld } from '../apiserver/authentication/oidc/issuer-keys.js';
import { fixedTokenKeys, type TokenKeys } from '../apiserver/authentication/token-keys.js';
import type { SubjectPublicKeyInfo } from '../x509/public-key.js';
import type { TextListEngine } from '../policy/expression.js';
import { openOutsideIssuers, type OutsideSettings } from './outside-issuers.js';
import type { KeyFiles } from './key-files.js';
import { openTokenKeyRing } from './token-key-files.js';
import { readSigningKey, readVerificationKeys } from './token-key-material.js';

/** `iss` of service account tokens unless something else is asked for: the name that the server has in a cluster. */
export const DEFAULT_ISSUER = 'https://kubernetes.default.svc.cluster.local';

/** Who is known to the server, and how: what flags say, checked, with absolute paths. */
export interface IdentitySettings {
  /** The first signs, all are taken. */
  readonly issuers: readonly [string, ...string[]];
  readonly apiAudiences: readonly string[];
  /** Where others fetch the keys of service account tokens; absent: from this server. */
  readonly jwksUri?: string;
  /** The key that signs service account tokens; absent: a key of the server's own, which `countersign rotate` rotates. */
  readonly signingKeyFile?: string;
  /** Keys that service account tokens are verified with besides the one that signs. */
  readonly verificationKeyFiles: readonly string[];
  readonly maxTokenSeconds?: number;
  readonly extendTokens: boolean;
  /** Whether requests without credentials are let in, unless a file says otherwise. */
  readonly anonymous: boolean;
  /** Outside issuers whose tokens are taken. */
  readonly outside: OutsideSettings;
}

/** What is so when nothing is said. */
export const DEFAULT_IDENTITY: IdentitySettings = {
  issuers: [DEFAULT_ISSUER],
  apiAudiences: [DEFAULT_ISSUER],
  verificationKeyFiles: [],
  extendTokens: true,
  anonymous: true,
  outside: {},
};

/** The settings at work. */
export interface Identity extends IdentitySettings {
  readonly tokenKeys: TokenKeys;
  readonly outsideTokens: TokenAuthenticator;
  anonymousAccess(): AnonymousAccess;
  close(): void;
}

export interface IdentityOptions extends IssuerWorld {
  readonly settings: IdentitySettings;
  /** Where the server's own keys lie. */
  readonly files: KeyFiles;
  readonly engine: TextListEngine;
}

/** Reads what the settings name. Rejects with CONFIG_INVALID and the file where one cannot be used. */
export async function openIdentity(options: IdentityOptions): Promise<Identity> {
  const { settings, engine } = options;
  const { apiAudiences, issuers: ownIssuers } = settings;
  const others = (await Promise.all(settings.verificationKeyFiles.map(readVerificationKeys))).flat();
  const outside = await openOutsideIssuers({
    settings: settings.outside,
    ownIssuers,
    apiAudiences,
    engine,
    world: options,
  });
  try {
    const tokenKeys = await openTokenKeys(options, others);
    return {
      ...settings,
      tokenKeys,
      outsideTokens: outside.tokens,
      anonymousAccess: () => outside.anonymous() ?? settings.anonymous,
      close: () => {
        tokenKeys.close();
        outside.close();
      },
    };
  } catch (error) {
    outside.close();
    throw error;
  }
}

async function openTokenKeys(
  { settings, files, clock, logger }: IdentityOptions,
  others: readonly SubjectPublicKeyInfo[],
): Promise<TokenKeys & { close(): void }> {
  const { signingKeyFile } = settings;
  if (signingKeyFile === undefined) return openTokenKeyRing({ files, others, clock, logger });
  return { ...fixedTokenKeys(await readSigningKey(signingKeyFile), others), close: () => undefined };
}
