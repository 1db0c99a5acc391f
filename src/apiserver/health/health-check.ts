import type { MaybePromise } from '../../registry/resource.js';

/** One thing that must be so for the server to be alive or ready. */
export interface HealthCheck {
  /** As it stands in `/readyz/<name>`; no slash at either end. */
  readonly name: string;
  /** Which endpoints ask it: `live` = /livez, /healthz and /readyz; `ready` = /readyz and /healthz only. */
  readonly when: 'live' | 'ready';
  /** Throws, or rejects, with the reason when it is not so. The reason goes to the log, never to the client. */
  readonly check: () => MaybePromise<void>;
}
