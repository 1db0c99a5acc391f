import type { RaceCase } from '../../src/limbo/race-case.js';
import { raceKit, type RaceKit } from './race-kit.js';
import { RaceWorld } from './race-world.js';
import { StateNames } from './state-names.js';

/** What came of trying every order. */
export interface Exploration {
  /** Orders of steps that were tried, some of them up to a state that was known. */
  readonly tries: number;
  /** States in which something had to be chosen. */
  readonly states: number;
  /** Every way in which it ended, and how often. */
  readonly ends: ReadonlyMap<string, number>;
  /** The first few runs in which something was against the rules. */
  readonly violations: readonly string[];
  /** Whether nothing was left out. */
  readonly isComplete: boolean;
}

/** How much is tried. */
export interface Bounds {
  readonly maxTries: number;
}

interface Choice {
  index: number;
  readonly of: number;
}

const MAX_REPORTED = 3;

/**
 * Tries every order of steps, depth first, each run from the beginning; a state that was seen before is not gone on
 * from again. Runs are deterministic: a run that meets other choices than the one before it throws.
 */
export async function explore(race: RaceCase, { maxTries }: Bounds): Promise<Exploration> {
  const kit = await raceKit(race);
  const names = new StateNames();
  const seen = new Set<string>();
  const path: Choice[] = [];
  const ends = new Map<string, number>();
  const violations: string[] = [];
  let tries = 0;
  while (tries < maxTries) {
    tries++;
    const run = await runOnce(race, kit, names, path, seen);
    if (run.end !== undefined) ends.set(run.end, (ends.get(run.end) ?? 0) + 1);
    if (run.problems.length > 0 && violations.length < MAX_REPORTED) {
      violations.push(`${[...new Set(run.problems)].join('; ')}\n    ${run.trace.join('\n    ')}`);
    }
    if (!goToNext(path)) return { tries, states: seen.size, ends, violations, isComplete: true };
  }
  return { tries, states: seen.size, ends, violations, isComplete: false };
}

interface Run {
  /** How it ended; undefined where it came to a state that was seen before. */
  readonly end: string | undefined;
  readonly problems: readonly string[];
  readonly trace: readonly string[];
}

/** Follows `path`, and then the first choice each time, which it adds. */
async function runOnce(
  race: RaceCase,
  kit: RaceKit,
  names: StateNames,
  path: Choice[],
  seen: Set<string>,
): Promise<Run> {
  names.restart();
  const world = await RaceWorld.begin(race, kit, names);
  const trace: string[] = [];
  try {
    for (let depth = 0; ; depth++) {
      const steps = world.steps();
      if (world.referee.violations.length > 0) break;
      const known = path[depth];
      if (known === undefined) {
        const state = world.fingerprint();
        if (seen.has(state)) return { end: undefined, problems: [], trace };
        seen.add(state);
        if (steps.length === 0) break;
        path.push({ index: 0, of: steps.length });
      } else if (known.of !== steps.length) {
        throw new Error(
          `${race.id} is not deterministic: ${known.of} and ${steps.length} steps after ${trace.join(', ')}`,
        );
      }
      const step = steps[known?.index ?? 0];
      if (step === undefined) break;
      trace.push(step.label);
      await world.take(step);
    }
    return await conclude(world, trace);
  } finally {
    world.close();
  }
}

async function conclude(world: RaceWorld, trace: readonly string[]): Promise<Run & { readonly end: string }> {
  await world.rest();
  const end = world.referee.ends();
  return { end, problems: world.referee.violations, trace: [...trace, `ends ${end}`] };
}

/** Takes the steps of these labels, in this order, and lets everything come to rest. Throws where one is not possible. */
export async function follow(
  race: RaceCase,
  labels: readonly string[],
): Promise<{ readonly end: string; readonly problems: readonly string[] }> {
  const world = await RaceWorld.begin(race, await raceKit(race), new StateNames());
  try {
    for (const label of labels) {
      const steps = world.steps();
      const step = steps.find((possible) => possible.label === label);
      if (step === undefined) throw new RangeError(`Not now: ${label}; ${steps.map((each) => each.label).join(', ')}`);
      await world.take(step);
    }
    return await conclude(world, labels);
  } finally {
    world.close();
  }
}

/** Turns the last choice that has another one left; false where none has. */
function goToNext(path: Choice[]): boolean {
  for (let last = path.at(-1); last !== undefined; last = path.at(-1)) {
    if (last.index + 1 < last.of) {
      last.index++;
      return true;
    }
    path.pop();
  }
  return false;
}
