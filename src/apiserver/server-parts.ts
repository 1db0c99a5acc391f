import type { Random } from '../base/bytes.js';
import type { Clock } from '../base/clock.js';
import type { Logger } from '../base/logger.js';
import type { Admission } from './admission/admission.js';
import type { Authorizer } from './authorization/authorizer.js';
import type { KnownKinds } from './bodies/known-kinds.js';
import type { ApiLimits } from './limits.js';
import type { ServerMetrics } from './metrics/server-metrics.js';
import type { EncodedEvents } from './streams/encoded-events.js';
import type { WatchRegistry } from './streams/watch-registry.js';

/** What the handlers of one server share. */
export interface ServerParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly limits: ApiLimits;
  /** Waits until everybody else had a turn; for work that is long. */
  readonly pause: () => Promise<void>;
  readonly authorizer: Authorizer;
  readonly admission: Admission;
  readonly kinds: KnownKinds;
  readonly encoded: EncodedEvents;
  readonly watches: WatchRegistry;
  readonly metrics: ServerMetrics;
}
