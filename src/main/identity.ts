import { AuthenticationMetrics } from '../apiserver/authentication/authentication-metrics.js';
import type { TokenAuthenticator } from '../apiserver/authentication/authenticator.js';
import {
  type ClientCertificateAuthenticator,
  createClientCertificateAuthenticator,
} from '../apiserver/authentication/client-certificate.js';
import type { AnonymousAccess } from '../apiserver/authentication/create-authenticator.js';
import {
  createFrontProxyAuthenticator,
  type FrontProxyAuthenticator,
} from '../apiserver/authentication/front-proxy.js';
import type { IssuerWorld } from '../apiserver/authentication/oidc/issuer-keys.js';
import { fixedTokenKeys, type TokenKeys } from '../apiserver/authentication/token-keys.js';
import type { Clock } from '../base/clock.js';
import type { TextListEngine } from '../policy/expression.js';
import { type ClientAuthorities, openClientAuthorities } from './client-authorities.js';
import type { FrontProxySettings } from './front-proxy-flags.js';
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
  /** Whether bootstrap tokens, Secrets in kube-system, are taken. */
  readonly bootstrapTokens: boolean;
  /** Outside issuers whose tokens are taken. */
  readonly outside: OutsideSettings;
  /** Authorities of client certificates besides the server's own: a file, which is followed. */
  readonly clientCaFile?: string;
  readonly frontProxy?: FrontProxySettings;
}

/** What is so when nothing is said. */
export const DEFAULT_IDENTITY: IdentitySettings = {
  issuers: [DEFAULT_ISSUER],
  apiAudiences: [DEFAULT_ISSUER],
  verificationKeyFiles: [],
  extendTokens: true,
  anonymous: true,
  bootstrapTokens: false,
  outside: {},
};

/** The settings at work. */
export interface Identity extends Omit<IdentitySettings, 'frontProxy'> {
  readonly metrics: AuthenticationMetrics;
  readonly authorities: ClientAuthorities;
  readonly certificates: ClientCertificateAuthenticator;
  readonly frontProxy?: FrontProxyAuthenticator;
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
  /** The authority of the server's own client certificates, PEM. */
  readonly clientCaPem: string;
}

/** Reads what the settings name. Rejects with CONFIG_INVALID and the file where one cannot be used. */
export async function openIdentity(options: IdentityOptions): Promise<Identity> {
  const { settings, engine, clock } = options;
  const { frontProxy, ...shown } = settings;
  const { apiAudiences, issuers: ownIssuers } = settings;
  const metrics = new AuthenticationMetrics();
  const closers: (() => void)[] = [];
  const close = (): void => {
    for (const closer of closers.splice(0).reverse()) closer();
  };
  try {
    const authorities = await openAuthorities(options);
    closers.push(authorities.close);
    const outside = await openOutsideIssuers({
      settings: settings.outside,
      ownIssuers,
      apiAudiences,
      engine,
      world: options,
    });
    closers.push(() => outside.close());
    const tokenKeys = await openTokenKeys(options);
    closers.push(() => tokenKeys.close());
    return {
      ...shown,
      authorities,
      metrics,
      certificates: createClientCertificateAuthenticator({
        clientCa: authorities.clients,
        clock,
        onTaken: (secondsLeft) => metrics.certificateTaken(secondsLeft),
      }),
      ...(frontProxy === undefined ? {} : { frontProxy: proxyOf(frontProxy, authorities, clock) }),
      tokenKeys,
      outsideTokens: outside.tokens,
      anonymousAccess: () => outside.anonymous() ?? settings.anonymous,
      close,
    };
  } catch (error) {
    close();
    throw error;
  }
}

function openAuthorities({
  settings,
  clientCaPem: ownPem,
  clock,
  logger,
}: IdentityOptions): Promise<ClientAuthorities> {
  const { clientCaFile: clients, frontProxy } = settings;
  const files = {
    ...(clients === undefined ? {} : { clients }),
    ...(frontProxy === undefined ? {} : { proxies: frontProxy.caFile, anyProxy: frontProxy.allowedNames.length === 0 }),
  };
  return openClientAuthorities({ ownPem, files, clock, logger });
}

function proxyOf(settings: FrontProxySettings, authorities: ClientAuthorities, clock: Clock): FrontProxyAuthenticator {
  const certificates = createClientCertificateAuthenticator({ clientCa: authorities.proxies, clock });
  return createFrontProxyAuthenticator({ ...settings, certificates });
}

async function openTokenKeys(options: IdentityOptions): Promise<TokenKeys & { close(): void }> {
  const { settings, files, clock, logger } = options;
  const { signingKeyFile, verificationKeyFiles } = settings;
  const others = (await Promise.all(verificationKeyFiles.map(readVerificationKeys))).flat();
  if (signingKeyFile === undefined) return openTokenKeyRing({ files, others, clock, logger });
  return { ...fixedTokenKeys(await readSigningKey(signingKeyFile), others), close: () => undefined };
}
