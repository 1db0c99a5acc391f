import { resolve } from 'node:path';
import type { Command } from 'commander';
import { requireLifetime } from '../authority/lifetime.js';
import { usageError } from '../cli/failure.js';
import { choiceFlag, listFlag, repeatable, switchFlag, textFlag, textsFlag, type RawFlags } from '../cli/flags.js';
import { addFrontProxyFlags, frontProxySettings } from './front-proxy-flags.js';
import { DEFAULT_ISSUER, type IdentitySettings } from './identity.js';
import { addOidcFlags, flaggedIssuer } from './oidc-flags.js';
import type { OutsideSettings } from './outside-issuers.js';

const TOKEN_SECONDS = { min: 3600, max: 2 ** 32 };

/** Adds the flags that say whom the server knows, and by what. They are those of kube-apiserver. */
export function addIdentityFlags(command: Command): Command {
  return addFrontProxyFlags(addOidcFlags(command))
    .option(
      '--client-ca-file <file>',
      "CAs of client certificates besides the server's own, PEM, read again when it changes",
    )
    .option(
      '--service-account-issuer <name>',
      `issuer of service account tokens, repeatable: the first signs, all are taken; default: ${DEFAULT_ISSUER}`,
      repeatable,
    )
    .option(
      '--api-audiences <names>',
      'audiences of this server, with commas between; default: the issuers',
      repeatable,
    )
    .option('--service-account-jwks-uri <url>', 'where others fetch the keys of service account tokens')
    .option(
      '--service-account-signing-key-file <file>',
      "key that signs service account tokens, RSA or ECDSA; default: the server's own, see 'rotate token-key'",
    )
    .option(
      '--service-account-key-file <file>',
      'keys that service account tokens are verified with besides, repeatable',
      repeatable,
    )
    .option('--service-account-max-token-expiration <duration>', 'longest life of a service account token')
    .option(
      '--service-account-extend-token-expiration <true|false>',
      'let tokens of pods that ask for 3607 s live a year, for programs that read theirs only once',
      'true',
    )
    .option('--anonymous-auth <true|false>', 'let in requests without credentials, as system:anonymous', 'true')
    .option(
      '--enable-bootstrap-token-auth [true|false]',
      'take bootstrap tokens of new nodes: Secrets of type bootstrap.kubernetes.io/token in kube-system',
      'false',
    );
}

/** What these flags say. USAGE for what cannot be meant. */
export function identitySettings(flags: RawFlags, cwd: string): IdentitySettings {
  const issuers = issuersOf(flags);
  const audiences = listFlag(flags, 'apiAudiences');
  const jwksUri = textFlag(flags, 'serviceAccountJwksUri');
  const signingKeyFile = textFlag(flags, 'serviceAccountSigningKeyFile');
  const maxTokenSeconds = maxTokenSecondsOf(flags);
  const clientCaFile = textFlag(flags, 'clientCaFile');
  const frontProxy = frontProxySettings(flags, cwd);
  if (jwksUri !== undefined && !isHttps(jwksUri)) {
    throw usageError(`Cannot use --service-account-jwks-uri: ${JSON.stringify(jwksUri)} is no https URL`);
  }
  return {
    issuers,
    apiAudiences: audiences.length === 0 ? issuers : audiences,
    ...(jwksUri === undefined ? {} : { jwksUri }),
    ...(signingKeyFile === undefined ? {} : { signingKeyFile: resolve(cwd, signingKeyFile) }),
    verificationKeyFiles: textsFlag(flags, 'serviceAccountKeyFile').map((path) => resolve(cwd, path)),
    ...(maxTokenSeconds === undefined ? {} : { maxTokenSeconds }),
    extendTokens: boolFlag(flags, 'serviceAccountExtendTokenExpiration', '--service-account-extend-token-expiration'),
    anonymous: boolFlag(flags, 'anonymousAuth', '--anonymous-auth'),
    bootstrapTokens: takesBootstrapTokens(flags),
    outside: outsideOf(flags, issuers, cwd),
    ...(clientCaFile === undefined ? {} : { clientCaFile: resolve(cwd, clientCaFile) }),
    ...(frontProxy === undefined ? {} : { frontProxy }),
  };
}

function outsideOf(flags: RawFlags, ownIssuers: readonly string[], cwd: string): OutsideSettings {
  const issuer = flaggedIssuer(flags, ownIssuers, cwd);
  const file = textFlag(flags, 'authenticationConfig');
  if (file === undefined) return issuer === undefined ? {} : { issuer };
  if (issuer !== undefined) throw usageError('Cannot use --authentication-config together with --oidc-issuer-url');
  return { configurationFile: resolve(cwd, file) };
}

function issuersOf(flags: RawFlags): readonly [string, ...string[]] {
  const [first, ...others] = textsFlag(flags, 'serviceAccountIssuer');
  if (first === undefined) return [DEFAULT_ISSUER];
  const issuers = [first, ...others] as const;
  for (const [i, issuer] of issuers.entries()) {
    const refuse = (what: string): Error =>
      usageError(`Cannot use --service-account-issuer: ${JSON.stringify(issuer)} ${what}`);
    if (issuer === '') throw refuse('is empty');
    // RFC 7519 §2, StringOrURI: what holds a colon is a URI
    if (issuer.includes(':') && !URL.canParse(issuer)) throw refuse('holds a colon and is no URL');
    if (issuers.indexOf(issuer) < i) throw refuse('stands twice');
  }
  return [...issuers];
}

function maxTokenSecondsOf(flags: RawFlags): number | undefined {
  const text = textFlag(flags, 'serviceAccountMaxTokenExpiration');
  if (text === undefined) return undefined;
  const seconds = requireLifetime(text, '--service-account-max-token-expiration');
  if (seconds >= TOKEN_SECONDS.min && seconds <= TOKEN_SECONDS.max) return seconds;
  throw usageError(`Cannot use --service-account-max-token-expiration: ${text} is not between 1h and 2^32 seconds`);
}

function boolFlag(flags: RawFlags, name: string, shown: string): boolean {
  return choiceFlag(flags, name, shown, ['true', 'false']) !== 'false';
}

/** A flag without a value is true. */
function takesBootstrapTokens(flags: RawFlags): boolean {
  const [name, shown] = ['enableBootstrapTokenAuth', '--enable-bootstrap-token-auth'];
  return switchFlag(flags, name) || choiceFlag(flags, name, shown, ['true', 'false']) === 'true';
}

function isHttps(text: string): boolean {
  return URL.canParse(text) && new URL(text).protocol === 'https:';
}
