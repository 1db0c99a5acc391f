import type { Client, Dispatcher } from 'undici';

/** Kept connections to one server. */
export interface ConnectionPool {
  /** Sends a request over a connection that carries no other. `free` is for its end, and says whether that was clean. */
  dispatch(
    options: Dispatcher.DispatchOptions,
    handler: Dispatcher.DispatchHandler,
    onFree: (free: (clean: boolean) => void) => void,
  ): void;
  /** Ends connections as they become idle. */
  retire(): void;
  /** Ends all connections. */
  destroy(): Promise<void>;
}

/** Connections that are kept although nothing uses them; each ends by itself after a few seconds. */
const MAX_IDLE = 32;

/**
 * A pool of undici clients, each one connection of HTTP/1.1. The one that was used last is used first, so that calls
 * one after the other share a connection: undici's own pool opens another one where it has not yet tidied up.
 */
export function createConnectionPool(open: () => Client): ConnectionPool {
  const idle: Client[] = [];
  const busy = new Set<Client>();
  let retired = false;
  const release = (client: Client, clean: boolean): void => {
    if (!busy.delete(client)) return;
    // After a failed handshake an undici client takes no further request.
    if (!clean) void client.destroy();
    else if (retired || idle.length >= MAX_IDLE) void client.close();
    else idle.push(client);
  };
  return {
    dispatch: (options, handler, onFree) => {
      const client = idle.pop() ?? open();
      busy.add(client);
      onFree((clean) => release(client, clean));
      client.dispatch(options, handler);
    },
    retire: () => {
      retired = true;
      for (const client of idle.splice(0)) void client.close();
    },
    destroy: async () => {
      retired = true;
      await Promise.all([...idle.splice(0), ...busy].map((client) => client.destroy()));
    },
  };
}
