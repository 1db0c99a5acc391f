import type { Decision } from '../../policy/verdict.js';
import type { PolicyTestCase } from './test-file.js';

/** What a case came to. */
export interface CaseOutcome {
  readonly file: string;
  readonly name: string;
  readonly expected: string;
  readonly got: string;
  /** What is not as expected: `- ` what must be, `+ ` what is. Empty where all is well. */
  readonly problems: readonly string[];
  /** The reason of the decision. */
  readonly because: string;
}

/** Compares a decision with what its case expects. */
export function judgeOutcome(file: string, test: PolicyTestCase, decision: Decision): CaseOutcome {
  const problems: string[] = [];
  if (decision.kind !== test.expect) problems.push(`- ${test.expect}`, `+ ${decision.kind}`);
  const by = decision.kind === 'approve' ? decision.policy.name : 'no policy';
  if (test.policy !== undefined && by !== test.policy) {
    problems.push(`- approved by ${test.policy}`, `+ approved by ${by}`);
  }
  if (test.violations !== undefined) {
    const expected = new Set(test.violations);
    const found = violationPaths(decision);
    for (const path of expected) if (!found.has(path)) problems.push(`- violation of ${path}`);
    for (const path of found) if (!expected.has(path)) problems.push(`+ violation of ${path}`);
  }
  return {
    file,
    name: test.name,
    expected: test.expect,
    got: decision.kind,
    problems,
    because: decision.kind === 'needs' ? 'waits for the authorizer' : decision.message,
  };
}

/** Where policies have something against the request, those in shadow mode too: they are tested before they count. */
function violationPaths({ reviews }: Decision): ReadonlySet<string> {
  return new Set(
    reviews.flatMap((review) => (review.kind === 'violated' ? review.violations.map(({ path }) => path) : [])),
  );
}
