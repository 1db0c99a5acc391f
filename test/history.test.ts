import assert from 'node:assert/strict';
import { test } from 'node:test';

import { History } from './history.js';
import type { SeenChange, WatcherLog } from './history.js';

const put = (key: string, mark: string, revision: number): SeenChange => ({ kind: 'put', key, mark, revision });
const gone = (key: string, mark: string, revision: number): SeenChange => ({ kind: 'delete', key, mark, revision });

/** Two writes and a deletion, seen by two watchers; each case spoils one thing. */
const SOUND = [put('a', 'a1', 5), put('b', 'b1', 7), gone('a', '5', 9)];

interface Case {
  readonly name: string;
  readonly problems: readonly string[];
  readonly spoil: (run: Run) => void;
}

interface Run {
  readonly history: History;
  readonly first: WatcherLog;
  /** What the second watcher is told; the first is told `SOUND`. */
  told: readonly SeenChange[];
  entries: { key: string; revision: number; mark: string }[];
}

const REFUSED: readonly Case[] = [
  {
    name: 'an acknowledged write that nobody saw',
    problems: ['the put of c (c1) was acknowledged at 8 and is lost'],
    spoil: ({ history }) => history.begin('put', 'c', 'c1').done(8),
  },
  {
    name: 'an acknowledged deletion without a revision that nobody saw',
    problems: ['the delete of b (7) was acknowledged and is lost'],
    spoil: ({ history }) => history.begin('delete', 'b', '7').done(),
  },
  {
    name: 'a write acknowledged with another revision',
    problems: ['the put of c (c1) was acknowledged at 8 and happened at 10'],
    spoil: (run) => {
      run.history.begin('put', 'c', 'c1').done(8);
      for (const log of run.history.watchers) log.saw(put('c', 'c1', 10));
      run.entries.push({ key: 'c', revision: 10, mark: 'c1' });
    },
  },
  {
    name: 'a refused write that happened',
    problems: ['the put of c (c1) was refused and happened'],
    spoil: (run) => {
      run.history.begin('put', 'c', 'c1').refused();
      for (const log of run.history.watchers) log.saw(put('c', 'c1', 10));
      run.entries.push({ key: 'c', revision: 10, mark: 'c1' });
    },
  },
  {
    name: 'a write of unknown outcome that happened twice',
    problems: ['the put of c (c1) happened 2 times'],
    spoil: (run) => {
      run.history.begin('put', 'c', 'c1').unknown();
      for (const log of run.history.watchers) {
        log.saw(put('c', 'c1', 10));
        log.saw(put('c', 'c1', 11));
      }
      run.entries.push({ key: 'c', revision: 11, mark: 'c1' });
    },
  },
  {
    name: 'a write that was never answered',
    problems: ['the put of c (c1) was never answered'],
    spoil: ({ history }) => void history.begin('put', 'c', 'c1'),
  },
  {
    name: 'a revision below one that was known before',
    problems: ['the put of c (c1) got revision 8, though 9 was known before it began'],
    spoil: (run) => {
      run.history.begin('put', 'c', 'c1').done(8);
      run.told = [...SOUND.slice(0, 2), put('c', 'c1', 8), ...SOUND.slice(2)];
      run.first.parts[0]?.changes.push(put('c', 'c1', 8));
      run.first.parts[0]?.changes.sort((a, b) => a.revision - b.revision);
      run.entries.push({ key: 'c', revision: 8, mark: 'c1' });
    },
  },
  {
    name: 'a change that nobody made',
    problems: ['nobody wrote put c (c1) at 10'],
    spoil: (run) => {
      for (const log of run.history.watchers) log.saw(put('c', 'c1', 10));
      run.entries.push({ key: 'c', revision: 10, mark: 'c1' });
    },
  },
  {
    name: 'a watcher that missed a change',
    problems: ['second was not told revision 7'],
    spoil: (run) => (run.told = SOUND.filter(({ revision }) => revision !== 7)),
  },
  {
    name: 'a watcher that was told a change twice',
    problems: ['second was told revision 7 after 7'],
    spoil: (run) => (run.told = SOUND.flatMap((change) => (change.revision === 7 ? [change, change] : [change]))),
  },
  {
    name: 'a watcher that was told changes out of order',
    problems: ['second was told revision 5 after 7'],
    spoil: (run) => (run.told = [SOUND[1], SOUND[0], SOUND[2]].filter((change) => change !== undefined)),
  },
  {
    name: 'watchers that were told different things',
    problems: ['second was told put b (b2) at 7, another one put b (b1) at 7'],
    spoil: (run) => (run.told = SOUND.map((change) => (change.revision === 7 ? put('b', 'b2', 7) : change))),
  },
  {
    name: 'a watcher that has stopped short of the end',
    problems: ['third is complete only up to 8'],
    spoil: ({ history }) => void history.watcher('third', 8),
  },
  {
    name: 'a key that is gone and was not deleted',
    problems: ['b is not there after put b (b1) at 7'],
    spoil: (run) => (run.entries = []),
  },
  {
    name: 'a key that was deleted and is there',
    problems: ['a is a1 of 5 after delete a (5) at 9'],
    spoil: (run) => run.entries.push({ key: 'a', revision: 5, mark: 'a1' }),
  },
  {
    name: 'a key that was never written',
    problems: ['z is there and was never written'],
    spoil: (run) => run.entries.push({ key: 'z', revision: 3, mark: 'z' }),
  },
];

function runOf(spoil: (run: Run) => void): readonly string[] {
  const history = new History();
  const first = history.watcher('first', 4);
  const second = history.watcher('second', 4);
  history.begin('put', 'a', 'a1').done(5);
  history.begin('put', 'b', 'b1').unknown(); // it happened all the same
  history.begin('put', 'x', 'x1').unknown(); // this one did not
  history.begin('put', 'b', 'b0').refused();
  history.begin('delete', 'a', '5').done(9);
  for (const change of SOUND) first.saw(change);
  const run: Run = { history, first, told: SOUND, entries: [{ key: 'b', revision: 7, mark: 'b1' }] };
  const later = { changes: [] as SeenChange[] };
  const saw = second.saw.bind(second);
  second.saw = (change) => void later.changes.push(change);
  spoil(run);
  for (const change of [...run.told, ...later.changes]) saw(change);
  for (const log of [first, second]) log.complete(12);
  return history.violations({ revision: 12, entries: run.entries });
}

for (const { name, problems, spoil } of REFUSED) {
  test(`a history is not sound with ${name}`, () => {
    assert.deepEqual(runOf(spoil), problems);
  });
}

test('a history is sound with writes of unknown outcome that happened once or never', () => {
  assert.deepEqual(
    runOf(() => undefined),
    [],
  );
});

test('a history is sound with a watcher that had to start over, and with changes after the end', () => {
  const problems = runOf(({ history }) => {
    const third = history.watcher('third', 4);
    third.saw(put('a', 'a1', 5));
    third.startedOver(8);
    third.saw(gone('a', '5', 9));
    third.saw(put('b', 'later', 20));
  });
  assert.deepEqual(problems, []);
});
