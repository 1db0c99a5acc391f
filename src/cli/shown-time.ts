import type { UnixSeconds } from '../base/clock.js';
import { humanDuration } from '../kube/human-duration.js';
import { formatTime } from '../kube/time.js';

/** `2027-01-01T00:00:00Z (in 364d)` or `(3h ago)`. */
export function shownTime(time: UnixSeconds, now: UnixSeconds): string {
  const distance = humanDuration(Math.abs(time - now) * 1000);
  return `${formatTime(time)} (${time > now ? `in ${distance}` : `${distance} ago`})`;
}
