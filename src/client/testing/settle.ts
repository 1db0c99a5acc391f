/** Lets everything that waits for promises alone, and for no timer, go on until it rests. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 100; i++) await Promise.resolve();
}

/** A `random(n)` that always answers the same: half of everything. */
export function halfRandom(count: number): Uint8Array {
  return new Uint8Array(count).fill(0x80);
}
