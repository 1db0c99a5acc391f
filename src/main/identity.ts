import { fixedTokenKeys, type TokenKeys } from '../apiserver/authentication/token-keys.js';
import type { Clock } from '../base/clock.js';
import type { Logger } from '../base/logger.js';
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
  readonly anonymous: boolean;
}

/** What is so when nothing is said. */
export const DEFAULT_IDENTITY: IdentitySettings = {
  issuers: [DEFAULT_ISSUER],
  apiAudiences: [DEFAULT_ISSUER],
  verificationKeyFiles: [],
  extendTokens: true,
  anonymous: true,
};

/** The settings at work. */
export interface Identity extends IdentitySettings {
  readonly tokenKeys: TokenKeys;
  close(): void;
}

export interface IdentityOptions {
  readonly settings: IdentitySettings;
  /** Where the server's own keys lie. */
  readonly files: KeyFiles;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Reads what the settings name. Rejects with CONFIG_INVALID and the file where one cannot be used. */
export async function openIdentity(options: IdentityOptions): Promise<Identity> {
  const { settings, files, clock, logger } = options;
  const others = (await Promise.all(settings.verificationKeyFiles.map(readVerificationKeys))).flat();
  const { signingKeyFile } = settings;
  if (signingKeyFile !== undefined) {
    const tokenKeys = fixedTokenKeys(await readSigningKey(signingKeyFile), others);
    return { ...settings, tokenKeys, close: () => undefined };
  }
  const tokenKeys = await openTokenKeyRing({ files, others, clock, logger });
  return { ...settings, tokenKeys, close: () => tokenKeys.close() };
}
