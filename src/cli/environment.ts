import type { Random } from '../base/bytes.js';
import type { Clock } from '../base/clock.js';
import type { Transport } from '../kube/exchange.js';

/** Where text goes. */
export interface TextSink {
  write(text: string): void;
  /** Whether a person looks at it. */
  readonly isTerminal: boolean;
}

/** Which API server, and as whom, as kubectl's global flags say it. */
export interface ConnectionOptions {
  readonly kubeconfig?: string;
  readonly context?: string;
}

/** A way to an API server. */
export interface Connection {
  readonly transport: Transport;
  /** The namespace of the chosen context; `default` where it names none. */
  readonly namespace: string;
  close(): Promise<void>;
}

/** The world as the commands see it, so that a test runs them in process. */
export interface Environment {
  /** What the reader calls this program: `countersign`, or `kubectl countersign`. Hints use it. */
  readonly program: string;
  /** Data. */
  readonly stdout: TextSink;
  /** Progress, hints and errors. */
  readonly stderr: TextSink;
  /** Reads all of standard input. */
  readonly readStdin: () => Promise<Uint8Array>;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly clock: Clock;
  readonly random: Random;
  /** Aborts on the first Ctrl-C or SIGTERM. */
  readonly signal: AbortSignal;
  /** Opens a connection; refuses with CONFIG_INVALID and a hint where there is no kubeconfig. */
  readonly connect: (options: ConnectionOptions) => Promise<Connection>;
}
