import { isJsonObject } from '../../kube/decode-json.js';
import { shapeProblem, type JsonShape } from '../../kube/json-shape.js';

/** A file of cases for `policy test`. */
export interface PolicyTestFile {
  /** Files of policies, relative to this one. */
  readonly policies: readonly string[];
  readonly settings?: {
    readonly clusterDomain?: string;
    readonly trustDomain?: string;
    /** What `--reserve` gives an approver: DNS names and addresses that only reservedNames grant. */
    readonly reserve?: readonly string[];
  };
  /** RFC 3339; default: the clock's time. */
  readonly now?: string;
  /** Facts that all cases share: manifests, files of manifests, or the facts of a record. */
  readonly facts: readonly unknown[];
  readonly cases: readonly PolicyTestCase[];
}

/** One case: what is asked, by whom, in which cluster, and what is to come of it. */
export interface PolicyTestCase {
  readonly name: string;
  readonly request: TestRequest;
  readonly requester: TestRequester;
  /** Besides those that all cases share; an object of the same kind and name takes the other's place. */
  readonly facts: readonly unknown[];
  /** Answers of the authorizer, by subresource: `selfnodeclient: allowed`. */
  readonly access: Readonly<Record<string, 'allowed' | 'denied'>>;
  readonly expect: 'approve' | 'deny' | 'defer' | 'needs';
  /** Which policy must approve. */
  readonly policy?: string;
  /** Paths of everything that policies have against it, in any order. */
  readonly violations?: readonly string[];
}

/** What is asked for: a PKCS#10 from a file, or the names of one that is made. */
export interface TestRequest {
  readonly file?: string;
  readonly dns?: readonly string[];
  readonly ips?: readonly string[];
  readonly uris?: readonly string[];
  readonly emails?: readonly string[];
  readonly commonName?: string;
  readonly organizations?: readonly string[];
  /** Such as `ecdsa-p256`. */
  readonly key?: string;
  readonly signerName: string;
  readonly usages: readonly string[];
  readonly expirationSeconds?: number;
}

/** Who asks: one of pod, serviceAccount, node and user. */
export interface TestRequester {
  /** `namespace/name`, by a token that is bound to it. */
  readonly pod?: string;
  /** `namespace/name`, by a token that is bound to nothing. */
  readonly serviceAccount?: string;
  readonly node?: string;
  readonly user?: string;
  /** Of a user. */
  readonly groups?: readonly string[];
}

const STRINGS: JsonShape = { list: 'string' };

const REQUEST: JsonShape = {
  fields: {
    'file?': 'string',
    'dns?': STRINGS,
    'ips?': STRINGS,
    'uris?': STRINGS,
    'emails?': STRINGS,
    'commonName?': 'string',
    'organizations?': STRINGS,
    'key?': 'string',
    signerName: 'string',
    usages: STRINGS,
    'expirationSeconds?': 'integer',
  },
};

const CASE: JsonShape = {
  fields: {
    name: 'string',
    request: REQUEST,
    requester: {
      fields: {
        'pod?': 'string',
        'serviceAccount?': 'string',
        'node?': 'string',
        'user?': 'string',
        'groups?': STRINGS,
      },
    },
    access: { map: { oneOf: ['allowed', 'denied'] } },
    expect: { oneOf: ['approve', 'deny', 'defer', 'needs'] },
    'policy?': 'string',
    'violations?': STRINGS,
  },
};

const FILE: JsonShape = {
  fields: {
    policies: STRINGS,
    'settings?': { fields: { 'clusterDomain?': 'string', 'trustDomain?': 'string', 'reserve?': STRINGS } },
    'now?': 'string',
  },
};

const OF_THE_FILE = ['dns', 'ips', 'uris', 'emails', 'commonName', 'organizations', 'key'] as const;

const WHO = ['pod', 'serviceAccount', 'node', 'user'] as const;

/**
 * Reads a file of cases from parsed YAML. What stands under `request` and `requester` of the whole file is what cases
 * share; a case says what is different. Answers with the place and the problem where it is none.
 */
export function parseTestFile(value: unknown): PolicyTestFile | string {
  if (!isJsonObject(value)) return 'it is no object';
  const { request, requester, facts = [], cases, ...rest } = value;
  const problem = shapeProblem(rest, FILE, 'file');
  if (problem !== undefined) return problem;
  if (!Array.isArray(facts)) return 'file.facts: it must be a list';
  if (!Array.isArray(cases) || cases.length === 0) return 'file.cases: it must be a list with at least one case';
  const read = cases.map((entry: unknown, i) => parseCase(entry, { request, requester }, `cases[${i}]`));
  const bad = read.find((entry) => typeof entry === 'string');
  if (bad !== undefined) return bad;
  // The shape above is that of the type, and no case is a problem.
  return { ...rest, facts, cases: read } as unknown as PolicyTestFile;
}

function parseCase(
  value: unknown,
  shared: { readonly request: unknown; readonly requester: unknown },
  path: string,
): PolicyTestCase | string {
  if (!isJsonObject(value)) return `${path}: it is no object`;
  const { facts = [], ...rest } = value;
  if (!Array.isArray(facts)) return `${path}.facts: it must be a list`;
  const whole = {
    access: {},
    ...rest,
    request: merged(shared.request, rest['request']),
    requester: rest['requester'] ?? shared.requester,
  };
  const problem = shapeProblem(whole, CASE, path);
  if (problem !== undefined) return problem;
  const read = { ...whole, facts } as unknown as PolicyTestCase; // the shape above is that of the type
  const who = WHO.filter((kind) => read.requester[kind] !== undefined);
  if (who.length !== 1) return `${path}.requester: it must be one of ${WHO.join(', ')}`;
  const { file } = read.request;
  if (file !== undefined && OF_THE_FILE.some((field) => read.request[field] !== undefined)) {
    return `${path}.request: with a file, names and key are those of the file`;
  }
  return read;
}

function merged(shared: unknown, own: unknown): unknown {
  return isJsonObject(shared) && (own === undefined || isJsonObject(own)) ? { ...shared, ...own } : own;
}
