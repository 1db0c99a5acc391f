import type { Headers } from '../../kube/exchange.js';

const PREFIX = 'impersonate-';

/**
 * Headers as the server wants them. Node joins repeated ones with commas; those of impersonation are lists, and a comma
 * is part of a value, so they are gathered from the raw ones (name, value, name, value, ...).
 */
export function exactHeaders(headers: Headers, raw: readonly string[]): Headers {
  let lists: Record<string, string[]> | undefined;
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = raw[i] ?? '';
    if (name.length <= PREFIX.length || !startsLikePrefix(name)) continue;
    const lower = name.toLowerCase();
    if (!lower.startsWith(PREFIX)) continue;
    lists ??= {};
    (lists[lower] ??= []).push(raw[i + 1] ?? '');
  }
  return lists === undefined ? headers : { ...headers, ...lists };
}

/** A cheap look at two letters, because every header of every request comes by. */
function startsLikePrefix(name: string): boolean {
  return (name.charCodeAt(0) | 0x20) === 0x69 && (name.charCodeAt(1) | 0x20) === 0x6d;
}
