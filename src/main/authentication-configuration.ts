import type {
  ClaimMapping,
  ClaimRule,
  TextMapping,
  TextsMapping,
} from '../apiserver/authentication/oidc/claim-mapping.js';
import type { TrustedIssuer } from '../apiserver/authentication/oidc/outside-tokens.js';
import { JSON_WEB_ALGORITHMS, type JsonWebAlgorithmName } from '../apiserver/authentication/json-web-algorithm.js';
import { CountersignError, messageOf } from '../base/error.js';
import { duplicate, fieldErrorText, notSupported, type FieldError } from '../kube/field-error.js';
import { isDnsSubdomain } from '../kube/names.js';
import type { TextListEngine } from '../policy/expression.js';
import { ClaimExpressions } from './claim-expressions.js';
import { Fields } from './document-fields.js';
import { issuerUrlProblem, trustRootProblem } from './issuer-place.js';

/** What a file of authentication says. */
export interface AuthenticationConfiguration {
  readonly issuers: readonly TrustedIssuer[];
  /** Absent: the file says nothing of requests without credentials. */
  readonly anonymous?: boolean | { readonly paths: readonly string[] };
}

/** What a file is read with. */
export interface ConfigurationContext {
  readonly engine: TextListEngine;
  /** Issuers of service account tokens: no outside issuer may have the name of one. */
  readonly ownIssuers: readonly string[];
}

const VERSIONS = ['apiserver.config.k8s.io/v1', 'apiserver.config.k8s.io/v1beta1', 'apiserver.config.k8s.io/v1alpha1'];

/** A file names the algorithms of no issuer: all of them are taken, as kube-apiserver takes them. */
const ALL_ALGORITHMS = Object.keys(JSON_WEB_ALGORITHMS) as JsonWebAlgorithmName[]; // the keys of a record of these

const MAX_ISSUERS = 64;

/**
 * Reads an AuthenticationConfiguration of kube-apiserver, YAML or JSON. CONFIG_INVALID with everything that is wrong with
 * it, each with its path.
 */
export async function parseAuthenticationConfiguration(
  text: string,
  file: string,
  context: ConfigurationContext,
): Promise<AuthenticationConfiguration> {
  const { parse } = await import('yaml');
  let document: unknown;
  try {
    document = parse(text, { logLevel: 'error' });
  } catch (error) {
    throw refusal(file, [messageOf(error)]);
  }
  const errors: FieldError[] = [];
  const configuration = configurationOf(new Fields(document ?? '', '', errors), errors, context);
  if (errors.length > 0) throw refusal(file, [...new Set(errors.map(fieldErrorText))]);
  return configuration;
}

function refusal(file: string, problems: readonly string[]): CountersignError {
  return new CountersignError(
    'CONFIG_INVALID',
    `Cannot use authentication configuration ${file}: ${problems.join('; ')}`,
  );
}

function configurationOf(root: Fields, errors: FieldError[], context: ConfigurationContext) {
  const [version, kind] = [root.text('apiVersion'), root.text('kind')];
  if (!VERSIONS.includes(version)) errors.push(notSupported('apiVersion', version, VERSIONS));
  if (kind !== 'AuthenticationConfiguration') {
    errors.push(notSupported('kind', kind, ['AuthenticationConfiguration']));
  }
  const entries = root.list('jwt');
  if (entries.length > MAX_ISSUERS) root.refuse('jwt', entries.length, `there may be ${MAX_ISSUERS} issuers`);
  const issuers = entries.map((entry) => issuerOf(entry, errors, context));
  for (const [i, { url }] of issuers.entries()) {
    if (issuers.findIndex((other) => other.url === url) < i) errors.push(duplicate(`jwt[${i}].issuer.url`, url));
  }
  const anonymous = anonymousOf(root);
  root.end();
  return { issuers, ...(anonymous === undefined ? {} : { anonymous }) };
}

function anonymousOf(root: Fields): AuthenticationConfiguration['anonymous'] {
  if (!root.has('anonymous')) return undefined;
  const anonymous = root.fields('anonymous');
  const enabled = anonymous.flag('enabled');
  const paths = anonymous.list('conditions').map((condition) => {
    const path = condition.requiredText('path');
    condition.end();
    return path;
  });
  if (!enabled && paths.length > 0)
    anonymous.refuse('conditions', paths.length, 'enabled should be set to true when conditions are defined');
  anonymous.end();
  return paths.length === 0 ? enabled : { paths };
}

function issuerOf(entry: Fields, errors: FieldError[], { engine, ownIssuers }: ConfigurationContext): TrustedIssuer {
  const expressions = new ClaimExpressions(engine, errors);
  const place = placeOf(entry.fields('issuer'), ownIssuers);
  const claimRules = entry.list('claimValidationRules').map((rule) => claimRuleOf(rule, expressions));
  const mapping = mappingOf(entry.fields('claimMappings'), expressions);
  const userRules = entry.list('userValidationRules').map((rule) => {
    const [expression, message] = [rule.requiredText('expression'), rule.text('message')];
    rule.end();
    return {
      evaluate: expressions.userRule(expression, rule.path('expression')),
      message: message === '' ? `validation expression '${expression}' failed` : message,
    };
  });
  entry.end();
  return { ...place, ...mapping, claimRules, userRules, algorithms: ALL_ALGORITHMS };
}

function placeOf(
  issuer: Fields,
  ownIssuers: readonly string[],
): Pick<TrustedIssuer, 'url' | 'discoveryUrl' | 'caPem' | 'audiences'> {
  const url = issuer.requiredText('url');
  const problem = url === '' ? undefined : issuerUrlProblem(url, ownIssuers);
  if (problem !== undefined) issuer.refuse('url', url, problem);
  const discoveryUrl = issuer.text('discoveryURL');
  if (discoveryUrl !== '') {
    const wrong =
      issuerUrlProblem(discoveryUrl, []) ??
      (discoveryUrl.replace(/\/$/, '') === url.replace(/\/$/, '')
        ? 'discoveryURL must be different from URL'
        : undefined);
    if (wrong !== undefined) issuer.refuse('discoveryURL', discoveryUrl, wrong);
  }
  const caPem = issuer.text('certificateAuthority');
  const untrusted = caPem === '' ? undefined : trustRootProblem(caPem);
  if (untrusted !== undefined) issuer.refuseUnseen('certificateAuthority', untrusted);
  const audiences = issuer.texts('audiences');
  const policy = issuer.text('audienceMatchPolicy');
  if (audiences.length === 0) issuer.need('audiences', `at least one ${issuer.path('audiences')} is required`);
  if (audiences.includes('')) issuer.need('audiences', "audience can't be empty");
  if (policy !== '' && policy !== 'MatchAny') issuer.refuse('audienceMatchPolicy', policy, 'only MatchAny is known');
  if (audiences.length > 1 && policy !== 'MatchAny') {
    issuer.refuse('audienceMatchPolicy', policy, 'audienceMatchPolicy must be MatchAny for multiple audiences');
  }
  if (issuer.has('egressSelectorType'))
    issuer.refuse('egressSelectorType', issuer.text('egressSelectorType'), 'issuers are reached directly here');
  issuer.end();
  return { url, audiences, ...(discoveryUrl === '' ? {} : { discoveryUrl }), ...(caPem === '' ? {} : { caPem }) };
}

function claimRuleOf(rule: Fields, expressions: ClaimExpressions): ClaimRule {
  const [claim, expression, message] = [rule.text('claim'), rule.text('expression'), rule.text('message')];
  const requiredValue = rule.text('requiredValue');
  rule.end();
  if ((claim === '') === (expression === '')) rule.refuseWhole('exactly one of claim and expression must be set');
  if (expression !== '' && requiredValue !== '')
    rule.refuse('requiredValue', requiredValue, "requiredValue can't be set when expression is set");
  if (claim !== '' && message !== '') rule.refuse('message', message, "message can't be set when claim is set");
  if (expression === '') return { kind: 'claim', claim, requiredValue };
  return {
    kind: 'expression',
    evaluate: expressions.rule(expression, rule.path('expression')),
    message: message === '' ? `validation expression '${expression}' failed` : message,
  };
}

function mappingOf(
  mappings: Fields,
  expressions: ClaimExpressions,
): Pick<ClaimMapping, 'username' | 'groups' | 'uid' | 'extra'> {
  const name = mappings.fields('username');
  const username = textMapping(name, true, expressions);
  const groups = mappings.has('groups') ? textsMapping(mappings.fields('groups'), expressions) : undefined;
  const uid = mappings.has('uid') ? textMapping(mappings.fields('uid'), false, expressions) : undefined;
  const extra = mappings.list('extra').map((entry) => {
    const [key, expression] = [entry.requiredText('key'), entry.requiredText('valueExpression')];
    const problem = extraKeyProblem(key);
    if (problem !== undefined) entry.refuse('key', key, problem);
    entry.end();
    return { key, evaluate: expressions.texts(expression, entry.path('valueExpression')) };
  });
  for (const [i, { key }] of extra.entries()) {
    if (extra.findIndex((other) => other.key === key) < i) mappings.refuse(`extra[${i}].key`, key, 'it stands twice');
  }
  expressions.checkEmail(name.text('expression'), name.path('expression'));
  mappings.end();
  return { username, extra, ...(groups === undefined ? {} : { groups }), ...(uid === undefined ? {} : { uid }) };
}

interface Source {
  readonly claim: string;
  readonly prefix: string;
  readonly expression: string;
}

/** Either a claim, behind a prefix where there may be one, or an expression. */
function sourceOf(fields: Fields, prefixed: boolean): Source {
  const [claim, expression] = [fields.text('claim'), fields.text('expression')];
  const hasPrefix = prefixed && fields.has('prefix');
  const prefix = hasPrefix ? fields.text('prefix') : '';
  fields.end();
  if ((claim === '') === (expression === '')) fields.refuseWhole('exactly one of claim and expression must be set');
  if (prefixed && claim !== '' && !hasPrefix) {
    fields.need(
      'prefix',
      'prefix is required when claim is set. It can be set to an empty string to disable prefixing',
    );
  }
  if (expression !== '' && hasPrefix) fields.refuse('prefix', prefix, "prefix can't be set when expression is set");
  return { claim, prefix, expression };
}

function textMapping(fields: Fields, prefixed: boolean, expressions: ClaimExpressions): TextMapping {
  const { claim, prefix, expression } = sourceOf(fields, prefixed);
  if (expression === '') return { kind: 'claim', claim, prefix };
  return { kind: 'expression', evaluate: expressions.text(expression, fields.path('expression')) };
}

function textsMapping(fields: Fields, expressions: ClaimExpressions): TextsMapping {
  const { claim, prefix, expression } = sourceOf(fields, true);
  if (expression === '') return { kind: 'claim', claim, prefix };
  return { kind: 'expression', evaluate: expressions.texts(expression, fields.path('expression')) };
}

/** Names of Kubernetes' own, and those that no two parties can be at odds about. */
function extraKeyProblem(key: string): string | undefined {
  if (key === '') return undefined;
  const [domain = '', path] = key.split(/\/(.*)/s, 2);
  if (path === undefined || path === '' || !isDnsSubdomain(domain)) return 'key must be a domain-prefixed path';
  if (key !== key.toLowerCase()) return 'key must be lowercase';
  const reserved = ['k8s.io', 'kubernetes.io'].some((own) => domain === own || domain.endsWith(`.${own}`));
  return reserved ? 'k8s.io, kubernetes.io and their subdomains are reserved for Kubernetes use' : undefined;
}
