import { CountersignError } from '../../base/error.js';
import { notReached } from '../refusals.js';
import type { Revision } from '../store.js';
import { EtcdFailure } from './failure.js';

/** What a store does to etcd. */
export type EtcdOperation =
  'open' | 'check' | 'revision' | 'get' | 'list' | 'create' | 'update' | 'delete' | 'watch' | 'compact';

/** What was asked of etcd. */
export interface Asked {
  readonly operation: EtcdOperation;
  /** The key or the prefix that it is about, if any. */
  readonly key?: string;
  /** The revision asked for, if any. */
  readonly revision?: Revision;
}

/** The port's refusal for a failure of etcd; what is no such failure is answered as it is. */
export function refusalOf(error: unknown, asked: Asked, newest: Revision): unknown {
  if (!(error instanceof EtcdFailure)) return error;
  const { revision = 0 } = asked;
  const what = textOf(asked);
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
      return unavailable(WRITES.has(asked.operation) ? `${error.message}; it may have happened or not` : error.message);
    case 'not-now':
    case 'broken':
      return unavailable(error.message);
  }
}

/** What changes something: there an unknown outcome matters. */
const WRITES: ReadonlySet<EtcdOperation> = new Set(['create', 'update', 'delete', 'compact']);

function textOf({ operation, key = '', revision = 0 }: Asked): string {
  switch (operation) {
    case 'open':
      return 'open the store';
    case 'check':
      return 'use the store';
    case 'revision':
      return 'read the revision';
    case 'watch':
      return `go on from revision ${revision}`;
    case 'compact':
      return `compact at revision ${revision}`;
    case 'get':
      return `read ${JSON.stringify(key)}`;
    case 'list':
    case 'create':
    case 'update':
    case 'delete':
      return `${operation} ${JSON.stringify(key)}`;
  }
}
