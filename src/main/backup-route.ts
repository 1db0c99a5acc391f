import type { ExtraRoute } from '../apiserver/api-server.js';
import { messageOf } from '../base/error.js';
import type { Logger } from '../base/logger.js';
import type { ChunkStream, StreamSink } from '../kube/exchange.js';
import { BACKUP_MEDIA_TYPE } from '../storage/backup/backup-format.js';
import { type BackupSource, writeBackup } from '../storage/backup/write-backup.js';

/** Where a server hands out its backup. Whoever may `get` this path gets every key of the server. */
export const BACKUP_PATH = '/countersign.dev/backup';

/** The route that answers with a backup, made while it is sent: nothing of it is kept. */
export function backupRoute(source: () => BackupSource, logger: Logger): ExtraRoute {
  return {
    path: BACKUP_PATH,
    handle: () => ({
      status: 200,
      headers: { 'content-type': BACKUP_MEDIA_TYPE, 'cache-control': 'no-store' },
      body: { kind: 'stream', stream: new BackupStream(source, logger) },
    }),
  };
}

/** Makes a backup at the pace of its reader. One that fails ends before its end, which every reader notices. */
class BackupStream implements ChunkStream {
  readonly #source: () => BackupSource;
  readonly #logger: Logger;
  #stopped = false;

  constructor(source: () => BackupSource, logger: Logger) {
    this.#source = source;
    this.#logger = logger;
  }

  start(sink: StreamSink<Uint8Array | string>): void {
    void this.#send(sink);
  }

  stop(): void {
    this.#stopped = true;
  }

  async #send(sink: StreamSink<Uint8Array | string>): Promise<void> {
    try {
      for await (const chunk of writeBackup(this.#source())) {
        if (this.#isStopped()) return;
        if (!sink.write(chunk)) await sink.drained();
      }
    } catch (error) {
      this.#logger.error('Backup failed', { error: messageOf(error) });
    }
    sink.end();
  }

  #isStopped(): boolean {
    return this.#stopped;
  }
}
