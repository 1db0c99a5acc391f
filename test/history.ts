/**
 * What a run of writers and watchers against one store has seen, and whether that can be: no acknowledged write lost,
 * revisions that only grow, every watcher told every change once and in order, and a write of unknown outcome done once
 * or never. It knows nothing of the store; keys, marks and revisions may come from an API as well.
 */

/** A change as a watcher is told it. */
export interface SeenChange {
  readonly kind: 'put' | 'delete';
  readonly key: string;
  readonly revision: number;
  /** What tells the written value from every other; for a deletion, the revision of what was deleted where known. */
  readonly mark?: string;
}

/** What is there at the end. */
export interface FinalState {
  /** Everything up to this revision is judged, and every watcher has been told of it. */
  readonly revision: number;
  readonly entries: readonly { readonly key: string; readonly revision: number; readonly mark: string }[];
}

type Outcome =
  | { readonly kind: 'open' }
  /** Acknowledged; where the acknowledgement names no revision, zero. */
  | { readonly kind: 'done'; readonly revision: number }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'refused' };

/** One attempt to write, from before it is sent. */
export class Attempt {
  readonly kind: SeenChange['kind'];
  readonly key: string;
  readonly mark: string;
  /** The newest revision that anybody had been told of when it began: it must get a later one. */
  readonly after: number;
  outcome: Outcome = { kind: 'open' };
  readonly #history: History;

  constructor(history: History, kind: SeenChange['kind'], key: string, mark: string, after: number) {
    this.#history = history;
    this.kind = kind;
    this.key = key;
    this.mark = mark;
    this.after = after;
  }

  /** It was acknowledged, with its revision where that is known. */
  done(revision = 0): void {
    this.outcome = { kind: 'done', revision };
    this.#history.told(revision);
  }

  /** No answer, or one that leaves it open. */
  unknown(): void {
    this.outcome = { kind: 'unknown' };
  }

  /** The answer says that nothing was written. */
  refused(): void {
    this.outcome = { kind: 'refused' };
  }
}

/** What one watcher has been told. */
export class WatcherLog {
  readonly name: string;
  /** Parts without a gap; a new one begins where the watcher had to start over. */
  readonly parts: { readonly after: number; through: number; readonly changes: SeenChange[] }[];

  constructor(name: string, after: number) {
    this.name = name;
    this.parts = [{ after, through: after, changes: [] }];
  }

  /** It was told of a change. */
  saw(change: SeenChange): void {
    const part = this.parts.at(-1);
    part?.changes.push(change);
    this.complete(change.revision);
  }

  /** Everything up to a revision has been told. */
  complete(through: number): void {
    const part = this.parts.at(-1);
    if (part !== undefined && through > part.through) part.through = through;
  }

  /** History was gone: it has listed, and goes on from there. */
  startedOver(after: number): void {
    this.parts.push({ after, through: after, changes: [] });
  }

  /** The last revision it is known to be complete at. */
  get through(): number {
    return this.parts.at(-1)?.through ?? 0;
  }
}

/** The record of one run. */
export class History {
  readonly attempts: Attempt[] = [];
  readonly watchers: WatcherLog[] = [];
  #newest = 0;

  /** Call it before the write is sent. `mark` is unique for a put; for a delete it is the revision expected. */
  begin(kind: SeenChange['kind'], key: string, mark: string): Attempt {
    const attempt = new Attempt(this, kind, key, mark, this.#newest);
    this.attempts.push(attempt);
    return attempt;
  }

  /** A watcher that is told everything after a revision. */
  watcher(name: string, after: number): WatcherLog {
    const log = new WatcherLog(name, after);
    this.watchers.push(log);
    return log;
  }

  /** Somebody was told of a revision by an answer. */
  told(revision: number): void {
    if (revision > this.#newest) this.#newest = revision;
  }

  /** Everything that cannot be, in sentences; empty when all is well. */
  violations(final: FinalState): readonly string[] {
    const problems: string[] = [];
    const changes = mergedChanges(this.watchers, final.revision, problems);
    checkWatchers(this.watchers, changes, final.revision, problems);
    checkWrites(this.attempts, changes, final.revision, problems);
    checkAuthors(this.attempts, changes, problems);
    checkState(changes, final, problems);
    return problems;
  }
}

type Changes = ReadonlyMap<number, SeenChange>;

/** All changes that any watcher was told of, by revision. */
function mergedChanges(watchers: readonly WatcherLog[], end: number, problems: string[]): Changes {
  const changes = new Map<number, SeenChange>();
  for (const { name, parts } of watchers) {
    for (const change of parts.flatMap((part) => part.changes)) {
      if (change.revision > end) continue;
      const known = changes.get(change.revision);
      if (known === undefined) changes.set(change.revision, change);
      else if (textOf(known) !== textOf(change)) {
        problems.push(`${name} was told ${textOf(change)}, another one ${textOf(known)}`);
      }
    }
  }
  return new Map([...changes].sort(([a], [b]) => a - b));
}

/** Each was told every change of its parts, once, in order. */
function checkWatchers(watchers: readonly WatcherLog[], changes: Changes, end: number, problems: string[]): void {
  for (const { name, parts } of watchers) {
    if ((parts.at(-1)?.through ?? 0) < end)
      problems.push(`${name} is complete only up to ${parts.at(-1)?.through ?? 0}`);
    for (const part of parts) {
      let last = part.after;
      for (const { revision } of part.changes) {
        if (revision <= last) problems.push(`${name} was told revision ${revision} after ${last}`);
        last = Math.max(last, revision);
      }
      const told = new Set(part.changes.map(({ revision }) => revision));
      for (const revision of changes.keys()) {
        if (revision > part.after && revision <= Math.min(part.through, end) && !told.has(revision)) {
          problems.push(`${name} was not told revision ${revision}`);
        }
      }
    }
  }
}

/** Acknowledged writes happened as they were acknowledged, refused ones never, the others once at most. */
function checkWrites(attempts: readonly Attempt[], changes: Changes, end: number, problems: string[]): void {
  const byMark = new Map<string, SeenChange[]>();
  for (const change of changes.values()) {
    const identity = identityOf(change.kind, change.key, change.mark);
    byMark.set(identity, [...(byMark.get(identity) ?? []), change]);
  }
  const revisions = new Set<number>();
  for (const { kind, key, mark, after, outcome } of attempts) {
    const name = `the ${kind} of ${key} (${mark})`;
    const found = byMark.get(identityOf(kind, key, mark)) ?? [];
    const at = found[0]?.revision;
    // two may have tried to delete the same thing: at most one of them has
    if (found.length > 1) problems.push(`${name} happened ${found.length} times`);
    if (at !== undefined && outcome.kind !== 'refused' && at <= after) {
      problems.push(`${name} got revision ${at}, though ${after} was known before it began`);
    }
    if (outcome.kind === 'refused' && at !== undefined && kind === 'put')
      problems.push(`${name} was refused and happened`);
    if (outcome.kind === 'open') problems.push(`${name} was never answered`);
    if (outcome.kind !== 'done' || outcome.revision > end) continue;
    if (at === undefined) problems.push(`${name} was acknowledged${atRevision(outcome.revision)} and is lost`);
    else if (outcome.revision > 0 && at !== outcome.revision) {
      problems.push(`${name} was acknowledged at ${outcome.revision} and happened at ${at}`);
    }
    if (outcome.revision > 0 && revisions.has(outcome.revision)) problems.push(`two writes got ${outcome.revision}`);
    revisions.add(outcome.revision);
  }
}

/** Nothing happened that nobody has tried. */
function checkAuthors(attempts: readonly Attempt[], changes: Changes, problems: string[]): void {
  const tried = new Set(attempts.map(({ kind, key, mark }) => identityOf(kind, key, mark)));
  for (const change of changes.values()) {
    if (!tried.has(identityOf(change.kind, change.key, change.mark))) problems.push(`nobody wrote ${textOf(change)}`);
  }
}

/** What is there is what the changes leave, for all keys that changed. */
function checkState(changes: Changes, final: FinalState, problems: string[]): void {
  const expected = new Map<string, SeenChange>();
  for (const change of changes.values()) expected.set(change.key, change);
  const found = new Map(final.entries.map((entry) => [entry.key, entry]));
  for (const [key, change] of expected) {
    const entry = found.get(key);
    if (
      change.kind === 'delete' ? entry === undefined : entry?.revision === change.revision && entry.mark === change.mark
    )
      continue;
    problems.push(
      `${key} is ${entry === undefined ? 'not there' : `${entry.mark} of ${entry.revision}`} after ${textOf(change)}`,
    );
  }
  for (const key of found.keys()) if (!expected.has(key)) problems.push(`${key} is there and was never written`);
}

function identityOf(kind: SeenChange['kind'], key: string, mark = ''): string {
  return `${kind} ${key} ${mark}`;
}

function textOf({ kind, key, revision, mark = '' }: SeenChange): string {
  return `${kind} ${key} (${mark}) at ${revision}`;
}

function atRevision(revision: number): string {
  return revision > 0 ? ` at ${revision}` : '';
}
