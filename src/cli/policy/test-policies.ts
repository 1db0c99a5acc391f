import { dirname, resolve } from 'node:path';
import { secondsOf, type UnixSeconds } from '../../base/clock.js';
import { decodeBase64 } from '../../base/base64.js';
import { CountersignError, messageOf } from '../../base/error.js';
import { printable } from '../../base/printable.js';
import { normaliseRequest } from '../../certificates/normalised-request.js';
import { sha256 } from '../../crypto/digest.js';
import { isJsonObject } from '../../kube/decode-json.js';
import { parseTime } from '../../kube/time.js';
import type { CompiledPolicy } from '../../policy/compiled-policy.js';
import { decideApproval } from '../../policy/decide-approval.js';
import type { ExpressionEngine } from '../../policy/expression.js';
import { identify } from '../../policy/identity.js';
import { createPolicySet } from '../../policy/policy-set.js';
import type { ApprovalSettings } from '../../policy/settings.js';
import type { Decision } from '../../policy/verdict.js';
import { parseApiRequest } from '../../x509/api-request.js';
import type { Environment } from '../environment.js';
import { CommandExit } from '../failure.js';
import { choiceFlag, type RawFlags } from '../flags.js';
import { formatObject } from '../format-object.js';
import { readTextInput } from '../input.js';
import { formatTable } from '../text-table.js';
import { factsOfManifests } from './manifest-facts.js';
import { problemLine, type PolicyParts } from './policy-parts.js';
import { judgeOutcome, type CaseOutcome } from './test-outcome.js';
import { parseTestFile, type PolicyTestCase } from './test-file.js';
import { createTestKeys, testRequest, testRequester, type TestKeys } from './test-request.js';

/** Exit code where a file cannot be used: no case of it was decided. */
const UNUSABLE = 2;

/** `policy test FILE...`: exit code 0 where every case comes to what it must, 1 where one does not, 2 for a bad file. */
export async function testPolicies(
  files: readonly string[],
  flags: RawFlags,
  parts: PolicyParts,
  environment: Environment,
): Promise<void> {
  const format = choiceFlag(flags, 'output', '--output', ['json', 'yaml']);
  const { stdout, stderr } = environment;
  const outcomes: CaseOutcome[] = [];
  const engine = await parts.loadEngine();
  const keys = createTestKeys();
  for (const file of files) {
    try {
      outcomes.push(...(await runFile(file, { parts, engine, keys, environment })));
    } catch (error) {
      if (!(error instanceof CountersignError)) throw error;
      stderr.write(`error: ${JSON.stringify(file)}: ${printable(error.message)}\n`);
      throw new CommandExit(UNUSABLE);
    }
  }
  stdout.write(format === undefined ? outcomesText(outcomes) : await formatObject(outcomes, format));
  const failed = outcomes.filter(({ problems }) => problems.length > 0).length;
  stderr.write(`${outcomes.length - failed} of ${outcomes.length} cases as expected\n`);
  if (failed > 0) throw new CommandExit(1);
}

interface Bench {
  readonly parts: PolicyParts;
  readonly engine: ExpressionEngine;
  readonly keys: TestKeys;
  readonly environment: Environment;
}

async function runFile(path: string, bench: Bench): Promise<readonly CaseOutcome[]> {
  const { parts, engine, environment } = bench;
  const [document] = await yamlDocuments(path, environment);
  const file = parseTestFile(document);
  if (typeof file === 'string') throw new CountersignError('USAGE', file);
  const folder = resolve(environment.cwd, dirname(path));
  const { policies, problems } = await parts.examine(file.policies, folder, engine);
  if (problems.length > 0) throw new CountersignError('USAGE', problems.map(problemLine).join('; '));
  const shared = await manifestsOf(file.facts, path, environment);
  const now = file.now === undefined ? secondsOf(environment.clock) : parseTime(file.now);
  if (now === undefined) throw new CountersignError('USAGE', 'file.now: it is no time such as 2026-01-01T00:00:00Z');
  const world: World = {
    path,
    shared,
    now,
    // What flags say to an approver, a file says to its cases.
    settings: parts.settingsOf({ ...file.settings }),
    policies: policies.map(({ compiled }) => compiled),
  };
  const outcomes: CaseOutcome[] = [];
  for (const test of file.cases) outcomes.push(judgeOutcome(path, test, await decide(test, world, bench)));
  return outcomes;
}

/** What all cases of a file share. */
interface World {
  readonly path: string;
  readonly shared: readonly unknown[];
  readonly now: UnixSeconds;
  readonly settings: ApprovalSettings;
  readonly policies: readonly CompiledPolicy[];
}

async function decide(
  test: PolicyTestCase,
  { path, shared, now, settings, policies }: World,
  { parts, keys, environment }: Bench,
): Promise<Decision> {
  const store = factsOfManifests(
    [...shared, ...(await manifestsOf(test.facts, path, environment))],
    parts.readManifest,
  );
  const requester = testRequester(test.requester, store);
  const csr = await testRequest(test.request, requester, path, { keys, environment });
  const pem = decodeBase64(csr.spec.request);
  // Written as base64 just above.
  const request = normaliseRequest(csr, parseApiRequest(pem.kind === 'bytes' ? pem.bytes : new Uint8Array()), sha256);
  const { access } = test;
  const facts = {
    ...store,
    accessReview: ({ subresource }: { readonly subresource: string }) =>
      Object.hasOwn(access, subresource) ? access[subresource] : undefined,
  };
  const identity = identify(request.requester, facts);
  return decideApproval({ request, identity, facts, policies: createPolicySet(policies), settings, now });
}

/** Facts with the files among them read. A text is the name of a file, relative to the file of the case. */
async function manifestsOf(
  facts: readonly unknown[],
  path: string,
  environment: Environment,
): Promise<readonly unknown[]> {
  const folder = resolve(environment.cwd, dirname(path));
  const read = await Promise.all(
    facts.map(async (fact) => (typeof fact === 'string' ? yamlDocuments(resolve(folder, fact), environment) : [fact])),
  );
  return read.flat().flatMap(itemsOf);
}

function itemsOf(value: unknown): readonly unknown[] {
  return isJsonObject(value) && value['kind'] === 'List' && Array.isArray(value['items']) ? value['items'] : [value];
}

async function yamlDocuments(path: string, environment: Environment): Promise<readonly unknown[]> {
  const text = await readTextInput(path, environment);
  const { parseAllDocuments } = await import('yaml');
  return parseAllDocuments(text, { strict: true })
    .map((document) => {
      const [error] = document.errors;
      if (error !== undefined) throw new CountersignError('USAGE', messageOf(error));
      return document.toJS() as unknown;
    })
    .filter((value) => value !== null);
}

function outcomesText(outcomes: readonly CaseOutcome[]): string {
  const several = new Set(outcomes.map(({ file }) => file)).size > 1;
  const rows = outcomes.map(({ file, name, expected, got, problems }) => [
    ...(several ? [file] : []),
    printable(name),
    expected,
    got,
    problems.length === 0 ? 'ok' : 'FAILED',
  ]);
  const table = formatTable([...(several ? ['FILE'] : []), 'CASE', 'EXPECTED', 'GOT', 'RESULT'], rows);
  const failures = outcomes.filter(({ problems }) => problems.length > 0).map(failureText);
  return [table, ...failures].join('\n');
}

function failureText({ file, name, problems, because }: CaseOutcome): string {
  const lines = [...problems.map((problem) => `  ${problem}`), `  because it ${because}`];
  return `FAILED ${printable(name)} (${file})\n${lines.map((line) => `${printable(line)}\n`).join('')}`;
}
