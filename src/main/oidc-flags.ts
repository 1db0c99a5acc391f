import { resolve } from 'node:path';
import type { Command } from 'commander';
import {
  isJsonWebAlgorithmName,
  JSON_WEB_ALGORITHMS,
  type JsonWebAlgorithmName,
} from '../apiserver/authentication/json-web-algorithm.js';
import type { ClaimRule } from '../apiserver/authentication/oidc/claim-mapping.js';
import type { TrustedIssuer } from '../apiserver/authentication/oidc/outside-tokens.js';
import { usageError } from '../cli/failure.js';
import { listFlag, repeatable, textFlag, textsFlag, type RawFlags } from '../cli/flags.js';
import { issuerUrlProblem } from './issuer-place.js';

/** An outside issuer as flags say it. */
export interface FlaggedIssuer extends TrustedIssuer {
  /** Where the authorities of its certificate lie; absent: those of the system. */
  readonly caFile?: string;
}

/** Adds the flags for tokens of one outside issuer. They are those of kube-apiserver, with its defaults. */
export function addOidcFlags(command: Command): Command {
  return command
    .option('--oidc-issuer-url <url>', 'take ID tokens of this OpenID Connect issuer, https only')
    .option('--oidc-client-id <id>', 'audience that its tokens must have')
    .option('--oidc-username-claim <claim>', 'claim that is the name of the user; default: sub')
    .option(
      '--oidc-username-prefix <text>',
      'what stands before it, "-" for nothing; default: the issuer URL and "#", nothing for email',
    )
    .option('--oidc-groups-claim <claim>', "claim that holds the user's groups; default: none does")
    .option('--oidc-groups-prefix <text>', 'what stands before each group')
    .option('--oidc-required-claim <key=value>', 'claim that a token must have, repeatable', repeatable)
    .option('--oidc-signing-algs <names>', 'algorithms that are taken, with commas between; default: RS256', repeatable)
    .option('--oidc-ca-file <file>', "authorities of the issuer's certificate, PEM; default: those that Node.js has")
    .option(
      '--authentication-config <file>',
      'AuthenticationConfiguration: several outside issuers, read again when it changes',
    );
}

const FLAGS = {
  oidcUsernameClaim: '--oidc-username-claim',
  oidcUsernamePrefix: '--oidc-username-prefix',
  oidcGroupsClaim: '--oidc-groups-claim',
  oidcGroupsPrefix: '--oidc-groups-prefix',
  oidcRequiredClaim: '--oidc-required-claim',
  oidcSigningAlgs: '--oidc-signing-algs',
  oidcCaFile: '--oidc-ca-file',
} as const;

/** The issuer that these flags name; undefined where they name none. USAGE for what cannot be meant. */
export function flaggedIssuer(flags: RawFlags, ownIssuers: readonly string[], cwd: string): FlaggedIssuer | undefined {
  const [url, clientId] = [textFlag(flags, 'oidcIssuerUrl') ?? '', textFlag(flags, 'oidcClientId') ?? ''];
  const other = Object.entries(FLAGS).find(([name]) => flags[name] !== undefined)?.[1];
  if (url === '' && clientId === '' && other === undefined) return undefined;
  if (url === '' || clientId === '') {
    const used = other ?? (url === '' ? '--oidc-client-id' : '--oidc-issuer-url');
    throw usageError(`Cannot use ${used}: --oidc-issuer-url and --oidc-client-id must be given together`);
  }
  const problem = issuerUrlProblem(url, ownIssuers);
  if (problem !== undefined) throw usageError(`Cannot use --oidc-issuer-url: ${JSON.stringify(url)}: ${problem}`);
  const groupsClaim = textFlag(flags, 'oidcGroupsClaim') ?? '';
  const caFile = textFlag(flags, 'oidcCaFile');
  return {
    url,
    audiences: [clientId],
    algorithms: algorithmsOf(flags),
    claimRules: requiredClaims(flags),
    username: usernameOf(flags, url),
    ...(groupsClaim === ''
      ? {}
      : { groups: { kind: 'claim', claim: groupsClaim, prefix: textFlag(flags, 'oidcGroupsPrefix') ?? '' } }),
    extra: [],
    userRules: [],
    ...(caFile === undefined ? {} : { caFile: resolve(cwd, caFile) }),
  };
}

/** kube-apiserver's rule: names of several issuers must not meet, and only an address is unique by itself. */
function usernameOf(flags: RawFlags, url: string): TrustedIssuer['username'] {
  const claim = textFlag(flags, 'oidcUsernameClaim') ?? 'sub';
  if (claim === '') throw usageError('Cannot use --oidc-username-claim: it is empty');
  const given = textFlag(flags, 'oidcUsernamePrefix') ?? '';
  const prefix = given === '-' ? '' : given !== '' ? given : claim === 'email' ? '' : `${url}#`;
  return { kind: 'claim', claim, prefix };
}

function algorithmsOf(flags: RawFlags): readonly JsonWebAlgorithmName[] {
  const named = listFlag(flags, 'oidcSigningAlgs');
  if (named.length === 0) return ['RS256'];
  return named.map((name) => {
    if (isJsonWebAlgorithmName(name)) return name;
    const known = Object.keys(JSON_WEB_ALGORITHMS).join(', ');
    throw usageError(`Cannot use --oidc-signing-algs: ${JSON.stringify(name)} is none of ${known}`);
  });
}

function requiredClaims(flags: RawFlags): readonly ClaimRule[] {
  const seen = new Set<string>();
  return textsFlag(flags, 'oidcRequiredClaim').map((text) => {
    const at = text.indexOf('=');
    const claim = text.slice(0, Math.max(0, at)).trim();
    const refuse = (what: string): Error =>
      usageError(`Cannot use --oidc-required-claim: ${JSON.stringify(text)} ${what}`);
    if (claim === '') throw refuse('is not like key=value');
    if (seen.has(claim)) throw refuse('is about a claim that stood before');
    seen.add(claim);
    return { kind: 'claim', claim, requiredValue: text.slice(at + 1).trim() };
  });
}
