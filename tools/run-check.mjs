// How a check script ends: it prints what it found, one problem a line, and exits non-zero if there was anything.
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Runs a check on this repository, or on the folders named on the command line; of several, each gets a title. */
export function runCheck(check) {
  const named = process.argv.slice(2);
  const roots = named.length > 0 ? named.map((root) => resolve(root)) : [fileURLToPath(new URL('..', import.meta.url))];
  for (const root of roots) {
    if (roots.length > 1) console.error(`# ${root}`);
    const problems = check(root);
    for (const problem of problems) console.error(problem);
    if (problems.length > 0) process.exitCode = 1;
  }
}
