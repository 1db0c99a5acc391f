import { CountersignError } from '../../base/error.js';
import { isJsonObject } from '../../kube/decode-json.js';
import { type FieldError, fieldErrorText, invalid, notSupported, required } from '../../kube/field-error.js';
import { dnsSubdomainProblems } from '../../kube/names.js';
import {
  AUDIT_LEVELS,
  AUDIT_STAGES,
  type AuditLevel,
  type AuditPolicy,
  type AuditRule,
  type AuditStage,
  type GroupResources,
} from './audit-policy.js';

/** The kind of a policy file. */
const API_VERSION = 'audit.k8s.io/v1';

/**
 * Reads an audit.k8s.io/v1 Policy, strictly: unknown fields, wrong types and rules that could match nothing are refused,
 * all of them at once. CONFIG_INVALID names `source` and each field.
 */
export function parseAuditPolicy(document: unknown, source: string): AuditPolicy {
  const reader = new PolicyReader();
  const policy = reader.policy(document);
  if (reader.problems.length === 0) return policy;
  throw new CountersignError(
    'CONFIG_INVALID',
    `Cannot use audit policy ${JSON.stringify(source)}: ${reader.problems.map(fieldErrorText).join('; ')}`,
  );
}

type JsonObject = Readonly<Record<string, unknown>>;

const POLICY_FIELDS = ['apiVersion', 'kind', 'metadata', 'rules', 'omitStages', 'omitManagedFields'];
const RULE_FIELDS = [
  'level',
  'users',
  'userGroups',
  'verbs',
  'resources',
  'namespaces',
  'nonResourceURLs',
  'omitStages',
  'omitManagedFields',
];
const RESOURCE_FIELDS = ['group', 'resources', 'resourceNames'];

/** Goes through the whole document, whatever is wrong with its parts. */
class PolicyReader {
  readonly problems: FieldError[] = [];

  policy(document: unknown): AuditPolicy {
    if (!isJsonObject(document)) {
      this.problems.push(invalid('policy', document, 'must be an object'));
      return { rules: [] };
    }
    this.#known(document, '', POLICY_FIELDS);
    if (document['apiVersion'] !== API_VERSION) {
      this.problems.push(notSupported('apiVersion', document['apiVersion'], [API_VERSION]));
    }
    if (document['kind'] !== 'Policy') this.problems.push(notSupported('kind', document['kind'], ['Policy']));
    const omitStages = this.#stages(document['omitStages'], 'omitStages');
    const omitManagedFields = this.#flag(document['omitManagedFields'], 'omitManagedFields') ?? false;
    const rules = this.#objects(document['rules'], 'rules', (rule, path) =>
      this.#rule(rule, path, omitStages, omitManagedFields),
    );
    if (rules.length === 0) this.problems.push(required('rules', 'a policy without rules writes nothing down'));
    return { rules };
  }

  #rule(rule: JsonObject, path: string, stages: readonly AuditStage[], managedFields: boolean): AuditRule {
    this.#known(rule, `${path}.`, RULE_FIELDS);
    const omitStages = this.#stages(rule['omitStages'], `${path}.omitStages`);
    const namespaces = this.#texts(rule['namespaces'], `${path}.namespaces`);
    const nonResourceURLs = this.#texts(rule['nonResourceURLs'], `${path}.nonResourceURLs`);
    const resources = this.#objects(rule['resources'], `${path}.resources`, (of, at) => this.#resources(of, at));
    this.#checkUrls(nonResourceURLs, `${path}.nonResourceURLs`);
    if (nonResourceURLs.length > 0 && (resources.length > 0 || namespaces.length > 0)) {
      const detail = 'a rule cannot be about resources or namespaces and about paths that are none';
      this.problems.push(invalid(`${path}.nonResourceURLs`, nonResourceURLs, detail));
    }
    return {
      level: this.#level(rule['level'], `${path}.level`),
      users: this.#texts(rule['users'], `${path}.users`),
      userGroups: this.#texts(rule['userGroups'], `${path}.userGroups`),
      verbs: this.#texts(rule['verbs'], `${path}.verbs`),
      resources,
      namespaces,
      nonResourceURLs,
      omitStages: [...new Set([...stages, ...omitStages])],
      omitManagedFields: this.#flag(rule['omitManagedFields'], `${path}.omitManagedFields`) ?? managedFields,
    };
  }

  #resources(of: JsonObject, path: string): GroupResources {
    this.#known(of, `${path}.`, RESOURCE_FIELDS);
    const group = this.#text(of['group'] ?? '', `${path}.group`);
    const problems = group === '' ? [] : dnsSubdomainProblems(group);
    if (problems.length > 0) this.problems.push(invalid(`${path}.group`, group, problems.join(',')));
    const resources = this.#texts(of['resources'], `${path}.resources`);
    const resourceNames = this.#texts(of['resourceNames'], `${path}.resourceNames`);
    if (resourceNames.length > 0 && resources.length === 0) {
      this.problems.push(invalid(`${path}.resourceNames`, resourceNames, 'names need at least one of resources'));
    }
    return { group, resources, resourceNames };
  }

  #checkUrls(urls: readonly string[], path: string): void {
    urls.forEach((url, i) => {
      if (url === '*') return;
      if (!url.startsWith('/')) this.problems.push(invalid(`${path}[${i}]`, url, 'must begin with "/", or be "*"'));
      if (url.slice(0, -1).includes('*')) {
        this.problems.push(invalid(`${path}[${i}]`, url, 'a "*" may only be the last character'));
      }
    });
  }

  #level(value: unknown, path: string): AuditLevel {
    const level = AUDIT_LEVELS.find((known) => known === value);
    if (level !== undefined) return level;
    this.problems.push(value === undefined ? required(path) : notSupported(path, value, AUDIT_LEVELS));
    return 'None';
  }

  #stages(value: unknown, path: string): readonly AuditStage[] {
    return this.#texts(value, path).flatMap((text, i) => {
      const stage = AUDIT_STAGES.find((known) => known === text);
      if (stage === undefined) this.problems.push(notSupported(`${path}[${i}]`, text, AUDIT_STAGES));
      return stage === undefined ? [] : [stage];
    });
  }

  #known(of: JsonObject, prefix: string, fields: readonly string[]): void {
    for (const field of Object.keys(of)) {
      if (!fields.includes(field)) this.problems.push(invalid(`${prefix}${field}`, of[field], 'unknown field'));
    }
  }

  #objects<T>(value: unknown, path: string, read: (item: JsonObject, path: string) => T): readonly T[] {
    return this.#list(value, path).flatMap((item, i) => {
      if (isJsonObject(item)) return [read(item, `${path}[${i}]`)];
      this.problems.push(invalid(`${path}[${i}]`, item, 'must be an object'));
      return [];
    });
  }

  #texts(value: unknown, path: string): readonly string[] {
    return this.#list(value, path).map((item, i) => this.#text(item, `${path}[${i}]`));
  }

  #text(value: unknown, path: string): string {
    if (typeof value === 'string') return value;
    this.problems.push(invalid(path, value, 'must be a string'));
    return '';
  }

  #flag(value: unknown, path: string): boolean | undefined {
    if (value === undefined || value === null || typeof value === 'boolean') return value ?? undefined;
    this.problems.push(invalid(path, value, 'must be true or false'));
    return undefined;
  }

  #list(value: unknown, path: string): readonly unknown[] {
    if (value === undefined || value === null) return [];
    if (Array.isArray(value)) return value;
    this.problems.push(invalid(path, value, 'must be a list'));
    return [];
  }
}
