import { printable } from '../../base/printable.js';
import type { Environment } from '../environment.js';
import { CommandExit } from '../failure.js';
import { choiceFlag, type RawFlags } from '../flags.js';
import { formatObject } from '../format-object.js';
import { problemLine, type PolicyParts } from './policy-parts.js';

/** `policy check FILE...`: everything that is wrong with files of policies, a line each. Exit code 1 where there is any. */
export async function checkPolicies(
  files: readonly string[],
  flags: RawFlags,
  parts: PolicyParts,
  { cwd, stdout, stderr }: Environment,
): Promise<void> {
  const format = choiceFlag(flags, 'output', '--output', ['json', 'yaml']);
  const { policies, problems } = await parts.examine(files, cwd, await parts.loadEngine());
  if (format === undefined) stdout.write(problems.map((problem) => `${printable(problemLine(problem))}\n`).join(''));
  else {
    const names = policies.map(({ policy }) => policy.metadata.name ?? '');
    stdout.write(await formatObject({ policies: names, problems }, format));
  }
  const count = `${policies.length} ${policies.length === 1 ? 'policy' : 'policies'}`;
  if (problems.length === 0 && policies.length > 0) {
    stderr.write(`${count} can be used\n`);
    return;
  }
  stderr.write(problems.length === 0 ? 'There is no policy in these files\n' : `${problems.length} problems found\n`);
  throw new CommandExit(1);
}
