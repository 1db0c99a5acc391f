import type { Command } from 'commander';
import { secondsOf, type UnixSeconds } from '../../base/clock.js';
import type { CertificateSigningRequest } from '../../certificates/certificate-signing-request.js';
import type { Client } from '../../client/client.js';
import type { CoreEvent } from '../../client/core-objects.js';
import { CERTIFICATE_SIGNING_REQUESTS, EVENTS } from '../../client/resources.js';
import { hasReason } from '../../kube/status.js';
import { describeRequest, nextStep } from '../describe-request.js';
import type { Environment } from '../environment.js';
import { readGlobalFlags } from '../flags.js';
import type { ConfigureCommand } from '../command-entry.js';
import { requestNames } from '../request-arguments.js';
import { withSession } from '../session.js';

/** `describe NAME...`: a request with its PKCS#10 read, what is wrong with it, and what has to happen next. */
export const configureDescribe: ConfigureCommand = (command, environment) => {
  command
    .argument('<name...>', 'names of requests')
    .action((args: readonly string[]) => run(args, command, environment));
};

async function run(args: readonly string[], command: Command, environment: Environment): Promise<void> {
  const names = requestNames(args);
  await withSession(environment, readGlobalFlags(command), async ({ client }) => {
    for (const [i, name] of names.entries()) {
      const csr = await client.get(CERTIFICATE_SIGNING_REQUESTS, name, { signal: environment.signal });
      const events = await eventsOf(client, csr, environment.signal);
      const now: UnixSeconds = secondsOf(environment.clock);
      environment.stdout.write(`${i === 0 ? '' : '\n\n'}${describeRequest(csr, events, now)}`);
      environment.stderr.write(`\n${nextStep(csr, environment.program)}\n`);
    }
  });
}

/** Events about the request; undefined where the caller may not see them. */
async function eventsOf(
  client: Client,
  csr: CertificateSigningRequest,
  signal: AbortSignal,
): Promise<readonly CoreEvent[] | undefined> {
  const fieldSelector = [
    `involvedObject.name=${csr.metadata.name ?? ''}`,
    'involvedObject.namespace=',
    'involvedObject.kind=CertificateSigningRequest',
    `involvedObject.uid=${csr.metadata.uid ?? ''}`,
  ].join(',');
  try {
    return (await client.list(EVENTS, { fieldSelector, signal })).items;
  } catch (error) {
    if (hasReason(error, 'Forbidden') || hasReason(error, 'NotFound')) return undefined;
    throw error;
  }
}
