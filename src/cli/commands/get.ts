import { secondsOf } from '../../base/clock.js';
import { CERTIFICATE_SIGNING_REQUESTS } from '../../client/resources.js';
import { formatRequests } from '../print-requests.js';
import { outputFlag, rawFlags, readGlobalFlags, textFlag } from '../flags.js';
import type { ConfigureCommand } from '../program.js';
import { withoutResourceWord } from '../request-arguments.js';
import { withSession } from '../session.js';

/** `get [NAME...]`: requests as a table; `-o wide` with key, subject, names and expiry read from the request. */
export const configureGet: ConfigureCommand = (command, environment) => {
  command
    .argument('[name...]', 'names of requests; without any, all of them')
    .option('-o, --output <format>', 'wide, json, yaml or name')
    .option('--signer <name>', 'only requests for this signer')
    .option('-l, --selector <selector>', 'only requests whose labels match')
    .action(async (args: readonly string[]) => {
      const flags = rawFlags(command);
      const format = outputFlag(flags);
      const names = withoutResourceWord(args);
      const signer = textFlag(flags, 'signer');
      const selector = textFlag(flags, 'selector');
      const requests = await withSession(environment, readGlobalFlags(command), async ({ client }) => {
        const signal = environment.signal;
        if (names.length > 0) {
          return Promise.all(names.map((name) => client.get(CERTIFICATE_SIGNING_REQUESTS, name, { signal })));
        }
        const list = await client.list(CERTIFICATE_SIGNING_REQUESTS, {
          signal,
          ...(signer === undefined ? {} : { fieldSelector: `spec.signerName=${signer}` }),
          ...(selector === undefined ? {} : { labelSelector: selector }),
        });
        return list.items;
      });
      if (requests.length === 0 && (format === 'table' || format === 'wide')) {
        environment.stderr.write('No resources found\n');
        return;
      }
      const now = secondsOf(environment.clock);
      environment.stdout.write(await formatRequests(requests, format, { now, single: names.length === 1 }));
    });
};
