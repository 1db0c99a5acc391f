import type { Command } from 'commander';
import type { Environment } from '../environment.js';
import { rawFlags, repeatable } from '../flags.js';
import { checkPolicies } from '../policy/check-policies.js';
import type { PolicyParts } from '../policy/policy-parts.js';
import { replayPolicies } from '../policy/replay-policies.js';
import { testPolicies } from '../policy/test-policies.js';

/** `policy check`, `policy test` and `policy replay`: policies before they count. `parts` are what they need from above. */
export function configurePolicy(
  command: Command,
  parts: PolicyParts,
  environment: Environment,
  addSettingFlags: (command: Command) => Command,
): void {
  const sub = (name: string, description: string): Command =>
    command
      .command(name)
      .description(description)
      .option('-o, --output <format>', 'json or yaml')
      .showHelpAfterError(`See '${environment.program} policy ${name} --help' for usage.`);
  const check = sub('check', 'say everything that is wrong with files of ApprovalPolicies')
    .argument('<file...>', 'YAML')
    .action((files: readonly string[]) => checkPolicies(files, rawFlags(check), parts, environment));
  const test = sub('test', 'decide about the cases of files, offline, and compare with what they expect')
    .argument('<file...>', 'YAML; docs/policies.md says what is in it')
    .action((files: readonly string[]) => testPolicies(files, rawFlags(test), parts, environment));
  const replay = addSettingFlags(sub('replay', 'decide again about recorded requests, and say what would be different'))
    .option('--policy <file>', 'policies that take the place of those of the same name, repeatable', repeatable)
    .option('--only-files', 'only these policies, and none of the server')
    .option(
      '-f, --filename <file>',
      'records from a file, such as of: records -o yaml; default: those of the server',
      repeatable,
    )
    .option('--changed', 'show only what would be different')
    .action(() => replayPolicies(replay, parts, environment));
}
