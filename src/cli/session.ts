import type { Client } from '../client/client.js';
import type { Transport } from '../kube/exchange.js';
import type { Environment } from './environment.js';
import type { GlobalFlags } from './flags.js';

/** A command's conversation with an API server. */
export interface Session {
  readonly client: Client;
  /** Where namespaced objects go: `-n`, else the context's. */
  readonly namespace: string;
}

/** Verbosity from which each request to the API server is shown. */
const SHOW_REQUESTS = 6;

/** Runs `work` with a client for the chosen kubeconfig, and closes its connections whatever happens. */
export async function withSession<Result>(
  environment: Environment,
  flags: GlobalFlags,
  work: (session: Session) => Promise<Result>,
): Promise<Result> {
  const { createClient } = await import('../client/client.js');
  const connection = await environment.connect({
    ...(flags.kubeconfig === undefined ? {} : { kubeconfig: flags.kubeconfig }),
    ...(flags.context === undefined ? {} : { context: flags.context }),
  });
  try {
    const transport =
      flags.verbosity >= SHOW_REQUESTS ? showRequests(connection.transport, environment) : connection.transport;
    const client = createClient(transport, {
      userAgent: `countersign (${environment.program})`,
      clock: environment.clock,
    });
    return await work({ client, namespace: flags.namespace ?? connection.namespace });
  } finally {
    await connection.close();
  }
}

/** A transport that tells each exchange on standard error. Never headers or bodies: they hold tokens and keys. */
function showRequests(transport: Transport, environment: Environment): Transport {
  return async (request) => {
    const start = environment.clock.now();
    const response = await transport(request);
    const tookMs = Math.round(environment.clock.now() - start);
    environment.stderr.write(`${request.method} ${request.target} ${response.status} in ${tookMs} ms\n`);
    return response;
  };
}
