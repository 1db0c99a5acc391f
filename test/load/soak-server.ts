// The server of the soak test: a process of its own, with a garbage collector that can be called. Arguments: data folder,
// token file. Sends its port; answers each message with what it holds in memory, in MiB, after a collection.
import { readFileSync } from 'node:fs';
import { silentLogger } from '../../src/base/logger.js';
import { startEmbedded } from '../../src/main/embedded.js';
import { createSystemClock } from '../../src/main/system-clock.js';
import { join } from 'node:path';

/** What the server holds, in MiB. */
export interface Held {
  readonly heap: number;
  /** Buffers outside of the heap. */
  readonly buffers: number;
  /** Of the process, without mapped files: the store's pages are the system's. */
  readonly anonymous: number;
  readonly handles: number;
}

const [folder = '', tokenFile = ''] = process.argv.slice(2);
const embedded = await startEmbedded({
  dataFolder: folder,
  host: '127.0.0.1',
  port: 0,
  kubeconfigPath: join(folder, 'kubeconfig'),
  signerNames: ['example.com/soak'],
  tokenFile,
  clock: createSystemClock(),
  logger: silentLogger,
});

process.on('message', () => {
  globalThis.gc?.();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  const held: Held = {
    heap: heapUsed / 2 ** 20,
    buffers: arrayBuffers / 2 ** 20,
    anonymous: Number(/^RssAnon:\s+(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) / 1024,
    handles: process.getActiveResourcesInfo().length,
  };
  process.send?.(held);
});
process.on('disconnect', () => {
  void embedded.close().then(() => process.exit(0));
});
process.send?.(Number(new URL(embedded.url).port));
