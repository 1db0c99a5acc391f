import type { UnixSeconds } from '../base/clock.js';

/** Microseconds since 1970-01-01T00:00:00Z: the precision of meta/v1 MicroTime. */
export type UnixMicros = number;

/** `2026-11-23T16:58:39Z`. Years before 1 and after 9999 have no form and give the zero time's. */
export function formatTime(time: UnixSeconds): string {
  throw new Error(`not yet: ${time}`);
}

/** A time of RFC 3339, with any offset; a fraction is dropped. Undefined where it is none. */
export function parseTime(text: string): UnixSeconds | undefined {
  throw new Error(`not yet: ${text}`);
}

/** `2026-11-23T16:58:39.000001Z`. */
export function formatMicroTime(time: UnixMicros): string {
  throw new Error(`not yet: ${time}`);
}

/** A time of RFC 3339 with exactly six digits of a second, as MicroTime wants it. Undefined where it is none. */
export function parseMicroTime(text: string): UnixMicros | undefined {
  throw new Error(`not yet: ${text}`);
}
