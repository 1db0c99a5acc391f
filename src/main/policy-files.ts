import { resolve } from 'node:path';
import { readFile } from 'node:fs/promises';
import { utf8 } from '../base/bytes.js';
import { CountersignError, messageOf } from '../base/error.js';
import { COUNTERSIGN_GROUP, COUNTERSIGN_VERSION, type ApprovalPolicy } from '../certificates/approval-policy.js';
import { canonicalJson } from '../certificates/canonical-record.js';
import { digestText } from '../certificates/normalised-request.js';
import { systemReason } from '../cli/input.js';
import { sha256 } from '../crypto/digest.js';
import { decodeObject, isJsonObject } from '../kube/decode-json.js';
import { fieldErrorText } from '../kube/field-error.js';
import { isDnsSubdomain } from '../kube/names.js';
import { compilePolicy } from '../policy/compile-policy.js';
import type { CompiledPolicy } from '../policy/compiled-policy.js';
import type { ExpressionEngine } from '../policy/expression.js';
import { validateStructure } from '../registry/custom/validate-structure.js';
import { approvalPolicySchema } from '../registry/approvalpolicies/schema.js';

/** A policy from a file, checked whole. */
export interface FilePolicy {
  readonly policy: ApprovalPolicy;
  readonly compiled: CompiledPolicy;
}

const API_VERSION = `${COUNTERSIGN_GROUP}/${COUNTERSIGN_VERSION}`;

/** Something that is wrong with a file of policies. */
export interface PolicyProblem {
  readonly file: string;
  /** From 1; absent where the file cannot be read at all. */
  readonly document?: number;
  /** Begins with the path of the field, where it is about one. */
  readonly detail: string;
}

/** Files of policies: what is good in them, and everything that is not. */
export interface PolicyReading {
  readonly policies: readonly FilePolicy[];
  readonly problems: readonly PolicyProblem[];
}

/**
 * The ApprovalPolicies of YAML files, several to a file where they are documents of their own, or items of a List. No
 * problem hides another. A policy without uid gets one that says what its spec is.
 */
export async function examinePolicyFiles(
  paths: readonly string[],
  cwd: string,
  engine: ExpressionEngine,
): Promise<PolicyReading> {
  const policies: FilePolicy[] = [];
  const problems: PolicyProblem[] = [];
  const seen = new Set<string>();
  for (const file of paths) {
    const documents = await documentsOf(file, cwd);
    if (typeof documents === 'string') {
      problems.push({ file, detail: documents });
      continue;
    }
    for (const { document, value } of documents) {
      const read = readPolicy(value, engine);
      problems.push(...read.problems.map((detail) => ({ file, document, detail })));
      const { name = '' } = read.metadata;
      if (name !== '' && seen.has(name)) {
        problems.push({ file, document, detail: `metadata.name: there is a policy ${JSON.stringify(name)} already` });
      }
      seen.add(name);
      if (read.policy !== undefined) policies.push(read.policy);
    }
  }
  return { policies, problems };
}

/** The policies of files that have no problem. CONFIG_INVALID with everything that is wrong with any of them. */
export async function readPolicyFiles(
  paths: readonly string[],
  cwd: string,
  engine: ExpressionEngine,
): Promise<readonly FilePolicy[]> {
  const { policies, problems } = await examinePolicyFiles(paths, cwd, engine);
  if (problems.length === 0) return policies;
  throw new CountersignError('CONFIG_INVALID', `Cannot use policies: ${problems.map(policyProblemText).join('; ')}`);
}

/** `"serving.yaml", document 2: spec.signerNames[0]: …`. */
export function policyProblemText({ file, document, detail }: PolicyProblem): string {
  const where = document === undefined ? '' : `, document ${document}`;
  return `${JSON.stringify(file)}${where}: ${detail}`;
}

interface Read {
  readonly policy?: FilePolicy;
  readonly metadata: { readonly name?: string };
  readonly problems: readonly string[];
}

function readPolicy(document: unknown, engine: ExpressionEngine): Read {
  const refused = (...problems: readonly string[]): Read => ({ metadata: {}, problems });
  if (!isJsonObject(document)) return refused('it is no object');
  if (document['apiVersion'] !== API_VERSION || document['kind'] !== 'ApprovalPolicy') {
    return refused(`it is no ${API_VERSION} ApprovalPolicy`);
  }
  try {
    const { object, unknownFields } = decodeObject(approvalPolicySchema, 'ApprovalPolicy', document);
    const problems = unknownFields.map((field) => `unknown field ${JSON.stringify(field)}`);
    const { name = '' } = object.metadata;
    if (!isDnsSubdomain(name)) problems.push(`metadata.name: ${JSON.stringify(name)} is no DNS name`);
    // Decoded by the schema of this very kind.
    const policy = identified(object as ApprovalPolicy);
    const compilation = compilePolicy(policy, engine);
    const errors = compilation.kind === 'invalid' ? compilation.errors : [];
    // Of two that say the same of a field, the one of the policy says it better.
    const bySchema = validateStructure(approvalPolicySchema, object);
    const others = bySchema.filter(({ field }) => errors.every((error) => error.field !== field));
    problems.push(...[...others, ...errors].map(fieldErrorText));
    return compilation.kind === 'compiled' && others.length === 0
      ? { policy: { policy, compiled: compilation.policy }, metadata: { name }, problems }
      : { metadata: { name }, problems };
  } catch (error) {
    if (error instanceof CountersignError) return refused(error.message);
    throw error;
  }
}

function identified(policy: ApprovalPolicy): ApprovalPolicy {
  const uid = digestText(sha256(utf8(canonicalJson(policy.spec))));
  return { ...policy, metadata: { uid, generation: 1, ...policy.metadata } };
}

interface Document {
  /** From 1. */
  readonly document: number;
  readonly value: unknown;
}

/** The documents of a file, the items of Lists among them; why there are none, where it cannot be read. */
async function documentsOf(path: string, cwd: string): Promise<readonly Document[] | string> {
  let text: string;
  try {
    text = await readFile(resolve(cwd, path), 'utf8');
  } catch (error) {
    return systemReason(error);
  }
  const { parseAllDocuments } = await import('yaml');
  try {
    const documents = parseAllDocuments(text, { strict: true });
    for (const { errors } of documents) for (const error of errors) throw error;
    return documents.flatMap((parsed, i) => {
      const value: unknown = parsed.toJS();
      return value === null ? [] : itemsOf(value).map((item) => ({ document: i + 1, value: item }));
    });
  } catch (error) {
    return messageOf(error);
  }
}

/** What `kubectl get -o yaml` writes for several objects holds them as items. */
function itemsOf(value: unknown): readonly unknown[] {
  if (!isJsonObject(value) || value['kind'] !== 'List') return [value];
  const { items } = value;
  return Array.isArray(items) ? items : [value];
}
