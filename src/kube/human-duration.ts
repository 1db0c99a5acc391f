/** A span as `kubectl get` shows ages: `42s`, `3m5s`, `7h12m`, `3d`. A second in the future is `0s`, more is invalid. */
export function humanDuration(ms: number): string {
  throw new Error(`not yet: ${ms}`);
}
