/** Where events go. */
export interface AuditSink {
  /**
   * Takes one event as a line of JSON without its line break. Resolves when the operating system has it: false where it
   * was lost, which the sink has counted and logged. Never rejects; nobody needs to wait.
   */
  write(line: string): Promise<boolean>;
}

/**
 * When a request waits for its events. batch: never. blocking: its answer waits until they are written, or lost.
 * blocking-strict: and a request whose first event is lost is refused.
 */
export type AuditMode = 'batch' | 'blocking' | 'blocking-strict';
