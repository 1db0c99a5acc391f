import { CountersignError } from '../../base/error.js';
import { notReached } from '../refusals.js';
import type { Revision } from '../store.js';
import { EtcdFailure } from './failure.js';

/** What was asked of etcd. */
export interface Asked {
  /** Goes on after "Cannot", such as `read "/registry/a"`. */
  readonly what: string;
  /** Whether it changes something, so that an unknown outcome matters. */
  readonly writes: boolean;
  /** The revision asked for, if any. */
  readonly revision?: Revision;
}

/** The port's refusal for a failure of etcd; what is no such failure is answered as it is. */
export function refusalOf(error: unknown, asked: Asked, newest: Revision): unknown {
  if (!(error instanceof EtcdFailure)) return error;
  const { what, revision = 0 } = asked;
  const unavailable = (why: string): CountersignError =>
    new CountersignError('STORE_UNAVAILABLE', `Cannot ${what}: ${why}`, { cause: error });
  switch (error.kind) {
    case 'compacted':
      return new CountersignError('STORE_COMPACTED', `Cannot ${what}: revision ${revision} has been compacted`);
    case 'future':
      return notReached(revision, newest);
    case 'too-large':
      return new CountersignError(
        'STORE_TOO_LARGE',
        `Cannot ${what}: ${error.message}; etcd takes what its --max-request-bytes allows`,
        { cause: error },
      );
    case 'no-space':
      return unavailable(
        `${error.message}; defragment etcd or raise its --quota-backend-bytes, then run "etcdctl alarm disarm"`,
      );
    case 'corrupt':
      return unavailable(`${error.message}; members disagree about their data: restore the one that is wrong`);
    case 'denied':
      return unavailable(`${error.message}; the client certificate must be one whose user may read and write the keys`);
    case 'unknown':
      return unavailable(asked.writes ? `${error.message}; it may have happened or not` : error.message);
    case 'not-now':
    case 'broken':
      return unavailable(error.message);
  }
}
