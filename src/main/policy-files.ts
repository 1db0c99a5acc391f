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
import { approvalPolicySchema } from '../registry/approvalpolicies/schema.js';

/** A policy from a file, checked whole. */
export interface FilePolicy {
  readonly policy: ApprovalPolicy;
  readonly compiled: CompiledPolicy;
}

const API_VERSION = `${COUNTERSIGN_GROUP}/${COUNTERSIGN_VERSION}`;

/**
 * The ApprovalPolicies of YAML files, several to a file where they are documents of their own. CONFIG_INVALID with
 * everything that is wrong with any of them. A policy without uid gets one that says what its spec is.
 */
export async function readPolicyFiles(
  paths: readonly string[],
  cwd: string,
  engine: ExpressionEngine,
): Promise<readonly FilePolicy[]> {
  const policies: FilePolicy[] = [];
  const problems: string[] = [];
  const seen = new Set<string>();
  for (const path of paths) {
    for (const [i, document] of (await documentsOf(path, cwd)).entries()) {
      const where = `${JSON.stringify(path)}, document ${i + 1}`;
      const read = readPolicy(document, engine);
      problems.push(...read.problems.map((problem) => `${where}: ${problem}`));
      if (read.policy === undefined) continue;
      const { name = '' } = read.policy.policy.metadata;
      if (seen.has(name)) problems.push(`${where}: there is a policy ${JSON.stringify(name)} already`);
      seen.add(name);
      policies.push(read.policy);
    }
  }
  if (problems.length > 0) {
    throw new CountersignError('CONFIG_INVALID', `Cannot use policies: ${problems.join('; ')}`);
  }
  return policies;
}

interface PolicyReading {
  readonly policy?: FilePolicy;
  readonly problems: readonly string[];
}

function readPolicy(document: unknown, engine: ExpressionEngine): PolicyReading {
  if (!isJsonObject(document)) return { problems: ['it is no object'] };
  if (document['apiVersion'] !== API_VERSION || document['kind'] !== 'ApprovalPolicy') {
    return { problems: [`it is no ${API_VERSION} ApprovalPolicy`] };
  }
  try {
    const { object, unknownFields } = decodeObject(approvalPolicySchema, 'ApprovalPolicy', document);
    const problems = unknownFields.map((field) => `unknown field ${JSON.stringify(field)}`);
    const { name = '' } = object.metadata;
    if (!isDnsSubdomain(name)) problems.push(`metadata.name: ${JSON.stringify(name)} is no DNS name`);
    // Decoded by the schema of this very kind.
    const policy = identified(object as ApprovalPolicy);
    const compilation = compilePolicy(policy, engine);
    if (compilation.kind === 'invalid') return { problems: [...problems, ...compilation.errors.map(fieldErrorText)] };
    return { policy: { policy, compiled: compilation.policy }, problems };
  } catch (error) {
    if (error instanceof CountersignError) return { problems: [error.message] };
    throw error;
  }
}

function identified(policy: ApprovalPolicy): ApprovalPolicy {
  const uid = digestText(sha256(utf8(canonicalJson(policy.spec))));
  return { ...policy, metadata: { uid, generation: 1, ...policy.metadata } };
}

async function documentsOf(path: string, cwd: string): Promise<readonly unknown[]> {
  let text: string;
  try {
    text = await readFile(resolve(cwd, path), 'utf8');
  } catch (error) {
    throw new CountersignError(
      'CONFIG_INVALID',
      `Cannot read policies of ${JSON.stringify(path)}: ${systemReason(error)}`,
    );
  }
  const { parseAllDocuments } = await import('yaml');
  try {
    const documents = parseAllDocuments(text, { strict: true });
    for (const { errors } of documents) for (const error of errors) throw error;
    return documents.map((document) => document.toJS() as unknown).filter((value) => value !== null);
  } catch (error) {
    throw new CountersignError(
      'CONFIG_INVALID',
      `Cannot read policies of ${JSON.stringify(path)}: ${messageOf(error)}`,
    );
  }
}
