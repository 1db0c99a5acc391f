/** One PEM block. Header names and values are trimmed; of a repeated name the last value wins, as in Go. */
export interface PemBlock {
  readonly type: string;
  readonly headers: ReadonlyMap<string, string>;
  readonly bytes: Uint8Array;
}

/** Where reading PEM stops. */
export interface PemLimits {
  /** Largest text taken. Default 1 MiB. */
  readonly maxBytes?: number;
  /** Most blocks taken. Default 1000. */
  readonly maxBlocks?: number;
}

/** Every well-formed block, in order, by the rules of Go's encoding/pem: malformed blocks are skipped. Linear time. */
export function decodePem(_text: string | Uint8Array, _limits: PemLimits = {}): readonly PemBlock[] {
  throw new Error('not yet');
}

/** The first well-formed block; undefined where there is none. */
export function firstPemBlock(_text: string | Uint8Array, _limits: PemLimits = {}): PemBlock | undefined {
  throw new Error('not yet');
}

/** A block with 64-column lines and a newline at the end. */
export function encodePem(_type: string, _der: Uint8Array): string {
  throw new Error('not yet');
}
