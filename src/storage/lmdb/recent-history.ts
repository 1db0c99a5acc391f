import { RecentChanges } from '../recent-changes.js';
import type { Entry, Revision } from '../store.js';

/** The newest writes of a store in which every revision is one write: reads of them need no disk, either. */
export class RecentHistory extends RecentChanges {
  /** The entry that a revision wrote, where it is still here. */
  entry(revision: Revision): Entry | undefined {
    const event = this.firstAfter(revision - 1);
    if (event?.kind !== 'put' || event.revision !== revision) return undefined;
    // not the event itself: whoever keeps it, as the `previous` of another, would keep the whole chain
    return { key: event.key, value: event.value, revision };
  }
}
