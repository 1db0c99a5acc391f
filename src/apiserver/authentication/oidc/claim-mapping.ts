import type { UserInfo } from '../../../kube/object-meta.js';

/** Claims of a verified token. */
export type Claims = Readonly<Record<string, unknown>>;

/** What an expression sees: `claims`, and for rules about users `user`. */
export type ClaimVariables = Readonly<Record<string, unknown>>;

/** What an expression says of claims, or why it says nothing. */
export type Evaluated<T> =
  { readonly kind: 'value'; readonly value: T } | { readonly kind: 'error'; readonly message: string };

/** An expression that has been compiled. */
export type ClaimExpression<T> = (variables: ClaimVariables) => Evaluated<T>;

/** A text of a token: a claim behind a prefix, or what an expression makes of all claims. */
export type TextMapping =
  | { readonly kind: 'claim'; readonly claim: string; readonly prefix: string }
  | { readonly kind: 'expression'; readonly evaluate: ClaimExpression<string> };

/** Texts of a token, likewise. */
export type TextsMapping =
  | { readonly kind: 'claim'; readonly claim: string; readonly prefix: string }
  | { readonly kind: 'expression'; readonly evaluate: ClaimExpression<readonly string[]> };

/** What a token must say. */
export type ClaimRule =
  | { readonly kind: 'claim'; readonly claim: string; readonly requiredValue: string }
  | { readonly kind: 'expression'; readonly evaluate: ClaimExpression<boolean>; readonly message: string };

/** How claims become a user. */
export interface ClaimMapping {
  readonly claimRules: readonly ClaimRule[];
  readonly username: TextMapping;
  readonly groups?: TextsMapping;
  readonly uid?: TextMapping;
  readonly extra: readonly { readonly key: string; readonly evaluate: ClaimExpression<readonly string[]> }[];
  /** What the user must be like. */
  readonly userRules: readonly { readonly evaluate: ClaimExpression<boolean>; readonly message: string }[];
}

/** The user, or why the token makes none. */
export type MappedUser =
  { readonly kind: 'user'; readonly user: UserInfo } | { readonly kind: 'invalid'; readonly error: string };

/** Users and groups of the system itself: no outside issuer may speak for them. */
const RESERVED = 'system:';

/** Makes a user of the claims of a verified token. */
export function userOfClaims(claims: Claims, mapping: ClaimMapping): MappedUser {
  try {
    return { kind: 'user', user: mapped(claims, mapping) };
  } catch (error) {
    if (error instanceof Refusal) return { kind: 'invalid', error: error.message };
    throw error;
  }
}

/** Ends the mapping; never leaves this file. */
class Refusal extends Error {}

function mapped(claims: Claims, mapping: ClaimMapping): UserInfo {
  const variables = { claims };
  for (const rule of mapping.claimRules) checkClaimRule(rule, claims, variables);
  const username = usernameOf(claims, mapping.username, variables);
  const groups = mapping.groups === undefined ? [] : groupsOf(claims, mapping.groups, variables);
  const uid = mapping.uid === undefined ? '' : textOf(claims, mapping.uid, variables, 'uid');
  const extra: Record<string, readonly string[]> = {};
  for (const { key, evaluate } of mapping.extra) {
    const values = valueOf(evaluate(variables), `extra ${key}`).filter((value) => value !== '');
    if (values.length > 0) extra[key] = values;
  }
  refuseReserved(username, groups);
  const seen = { claims, user: { username, uid, groups, extra } };
  for (const { evaluate, message } of mapping.userRules) {
    if (!valueOf(evaluate(seen), 'rule about users')) throw new Refusal(`oidc: error evaluating user info: ${message}`);
  }
  return {
    username,
    ...(uid === '' ? {} : { uid }),
    groups,
    ...(Object.keys(extra).length === 0 ? {} : { extra }),
  };
}

function checkClaimRule(rule: ClaimRule, claims: Claims, variables: ClaimVariables): void {
  if (rule.kind === 'expression') {
    if (!valueOf(rule.evaluate(variables), 'rule about claims')) {
      throw new Refusal(`oidc: error evaluating claim validation expression: ${rule.message}`);
    }
    return;
  }
  const { claim, requiredValue } = rule;
  const value = claimOf(claims, claim);
  if (value === undefined) throw new Refusal(`oidc: required claim ${claim} not present in ID token`);
  if (value !== requiredValue) {
    throw new Refusal(
      `oidc: required claim ${claim} value does not match. Got = ${shown(value)}, want = ${requiredValue}`,
    );
  }
}

function usernameOf(claims: Claims, mapping: TextMapping, variables: ClaimVariables): string {
  if (mapping.kind === 'claim' && mapping.claim === 'email') {
    // OpenID Connect Core 1.0 §5.1: an issuer that has not verified an address says so
    const verified = claimOf(claims, 'email_verified');
    if (verified !== undefined && typeof verified !== 'boolean') {
      throw new Refusal('oidc: parse claim "email_verified": it is no boolean');
    }
    if (verified === false) throw new Refusal('oidc: email not verified');
  }
  return textOf(claims, mapping, variables, 'username');
}

/** Neither empty nor of another type. */
function textOf(claims: Claims, mapping: TextMapping, variables: ClaimVariables, what: string): string {
  if (mapping.kind === 'expression') {
    const value = valueOf(mapping.evaluate(variables), what);
    if (value === '') throw new Refusal(`oidc: the expression of the ${what} gives an empty text`);
    return value;
  }
  const value = claimOf(claims, mapping.claim);
  if (typeof value !== 'string')
    throw new Refusal(`oidc: parse ${what} claim ${JSON.stringify(mapping.claim)}: no text`);
  if (value === '') throw new Refusal(`oidc: ${what} claim ${JSON.stringify(mapping.claim)} is empty`);
  return mapping.prefix + value;
}

function groupsOf(claims: Claims, mapping: TextsMapping, variables: ClaimVariables): readonly string[] {
  if (mapping.kind === 'expression')
    return valueOf(mapping.evaluate(variables), 'groups').filter((name) => name !== '');
  const { claim, prefix } = mapping;
  const value = claimOf(claims, claim);
  if (value === undefined || value === null) return [];
  const names: readonly unknown[] = Array.isArray(value) ? value : [value];
  return names.map((name) => {
    if (typeof name === 'string') return prefix + name;
    throw new Refusal(`oidc: parse groups claim ${JSON.stringify(claim)}: no list of texts`);
  });
}

function refuseReserved(username: string, groups: readonly string[]): void {
  if (username.startsWith(RESERVED)) throw new Refusal(`oidc: username ${shown(username)} is reserved for the system`);
  const group = groups.find((name) => name.startsWith(RESERVED));
  if (group !== undefined) throw new Refusal(`oidc: group ${shown(group)} is reserved for the system`);
}

function valueOf<T>(evaluated: Evaluated<T>, what: string): T {
  if (evaluated.kind === 'value') return evaluated.value;
  throw new Refusal(`oidc: error evaluating the expression of the ${what}: ${evaluated.message}`);
}

/** A claim of the token, never what every object inherits. */
function claimOf(claims: Claims, name: string): unknown {
  return Object.hasOwn(claims, name) ? claims[name] : undefined;
}

/** What a token says, cut to what a message can bear. */
function shown(value: unknown): string {
  return JSON.stringify(value).slice(0, 200);
}
