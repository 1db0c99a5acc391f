import type { ForgeKit } from './forge.js';
import type { Expected, LimboCase, LimboRequest } from './limbo-case.js';

/** What a station did with a request that it let through, or the words of its refusal. */
export type Passed<Through extends string> = Through | { readonly refuses: string };

/** What an approver did. `at` is where its violations lie, where it says so. */
export interface Approval {
  readonly outcome: 'approves' | 'denies' | 'defers';
  readonly at?: readonly string[];
}

/** What a signer did. `oversteps`: it signed more than was asked for. */
export type Signing = 'signs' | { readonly fails: string } | { readonly oversteps: string };

/** The stations that a request comes to, in this order. Those that are not there are not tried. */
export interface Stations {
  readonly parse?: (request: LimboRequest) => Passed<'reads'> | Promise<Passed<'reads'>>;
  readonly create?: (request: LimboRequest) => Promise<Passed<'creates'>>;
  readonly review?: (request: LimboRequest) => Promise<Approval>;
  /** Is told that the request is approved. */
  readonly sign?: (request: LimboRequest) => Promise<Signing>;
}

/** Where a case came out other than expected. */
export interface Surprise {
  readonly station: 'parser' | 'api' | 'policy' | 'signer';
  readonly expected: string;
  readonly seen: string;
  /** Whether somebody was given more than they may have; otherwise something was refused that need not be. */
  readonly grave: boolean;
}

/** How a case came out. */
export interface CaseResult {
  readonly case: LimboCase;
  readonly surprises: readonly Surprise[];
}

/** Makes the request of a case and takes it to every station that it is expected to reach. */
export async function runCase(limboCase: LimboCase, kit: ForgeKit, stations: Stations): Promise<CaseResult> {
  const request = await limboCase.make(kit);
  const { expect } = limboCase;
  const surprises: Surprise[] = [];
  const add = (surprise: Surprise | undefined): void => {
    if (surprise !== undefined) surprises.push(surprise);
  };
  if (stations.parse !== undefined) add(compare('parser', expect.parser, await stations.parse(request)));
  const created = expect.api ?? (expect.parser === 'reads' ? 'creates' : expect.parser);
  if (stations.create !== undefined) add(compare('api', created, await stations.create(request)));
  if (created === 'creates') {
    if (stations.review !== undefined && expect.policy !== undefined) {
      add(judgeApproval(expect, await stations.review(request)));
    }
    if (stations.sign !== undefined && expect.signer !== undefined) {
      add(judgeSigning(expect.signer, await stations.sign(request)));
    }
  }
  return { case: limboCase, surprises };
}

function compare(station: Surprise['station'], expected: Passed<string>, seen: Passed<string>): Surprise | undefined {
  if (typeof expected === 'string') {
    return seen === expected ? undefined : { station, expected, seen: words(seen), grave: false };
  }
  if (typeof seen !== 'string' && seen.refuses.includes(expected.refuses)) return undefined;
  return { station, expected: words(expected), seen: words(seen), grave: typeof seen === 'string' };
}

function judgeApproval({ policy = 'withholds', at }: Expected, seen: Approval): Surprise | undefined {
  const fits = seen.outcome === policy || (policy === 'withholds' && seen.outcome !== 'approves');
  const expected = at === undefined ? policy : `${policy} at ${at}`;
  const shown = `${seen.outcome}${seen.at === undefined ? '' : ` at ${seen.at.join(', ')}`}`;
  if (!fits) return { station: 'policy', expected, seen: shown, grave: seen.outcome === 'approves' };
  if (at === undefined || seen.at === undefined || seen.at.some((path) => path.startsWith(at))) return undefined;
  return { station: 'policy', expected, seen: shown, grave: false };
}

function judgeSigning(expected: 'signs' | { readonly fails: string }, seen: Signing): Surprise | undefined {
  const wanted = expected === 'signs' ? expected : { refuses: expected.fails };
  if (typeof seen === 'string') return compare('signer', wanted, seen);
  if ('fails' in seen) return compare('signer', wanted, { refuses: seen.fails });
  return { station: 'signer', expected: words(wanted), seen: `signs: ${seen.oversteps}`, grave: true };
}

function words(passed: Passed<string>): string {
  return typeof passed === 'string' ? passed : `refuses: ${passed.refuses}`;
}
