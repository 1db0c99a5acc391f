/** One system call as strace saw it. `start` and `end` are the lines of its entry and its return, in time order. */
export interface SystemCall {
  readonly name: string;
  readonly text: string;
  readonly result: number;
  readonly start: number;
  readonly end: number;
}

/** Reads the output of `strace -f -o`. Calls that never returned are left out. */
export function parseSystemCalls(output: string): readonly SystemCall[] {
  const calls: SystemCall[] = [];
  const unfinished = new Map<string, { readonly start: number; readonly text: string }>();
  for (const [line, whole] of output.split('\n').entries()) {
    const match = /^(\d+)\s+(.*)$/.exec(whole);
    const [, thread = '', rest = ''] = match ?? [];
    if (rest.endsWith(' <unfinished ...>')) {
      unfinished.set(thread, { start: line, text: rest.slice(0, -' <unfinished ...>'.length) });
      continue;
    }
    const resumed = /^<\.\.\. \w+ resumed>(.*)$/.exec(rest);
    const begun = resumed === null ? undefined : unfinished.get(thread);
    const text = begun === undefined ? rest : begun.text + (resumed?.[1] ?? '');
    const parts = /^(\w+)\(.*\)\s+=\s+(-?\d+)/.exec(text);
    if (parts === null) continue;
    calls.push({ name: parts[1] ?? '', text, result: Number(parts[2]), start: begun?.start ?? line, end: line });
  }
  return calls;
}
