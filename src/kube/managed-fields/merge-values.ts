import { isJsonObject } from '../decode-json.js';
import { setOwn } from '../unset-values.js';
import type { PathElement } from './path-element.js';
import { ANY_SHAPE, elementOf, hasParts, type ListShape, shapeBelow, type ValueShape } from './value-shape.js';

/**
 * What is stored with an applied configuration over it: what is one value is the configuration's, lists are merged by
 * the identity of their items, objects by their names. Undefined where nothing is left. The arguments are not changed;
 * the result may share parts of both.
 */
export function mergeValues(shape: ValueShape, live: unknown, applied: unknown): unknown {
  if (applied === undefined) return live;
  if (live === undefined || !hasParts(shape)) return applied;
  if (shape.kind === 'list') {
    const old = Array.isArray(live) ? live : [];
    const wanted = Array.isArray(applied) ? applied : [];
    if (old.length === 0 && wanted.length === 0) return applied;
    return mergeLists(shape, old, wanted);
  }
  const old = isJsonObject(live) ? live : {};
  const wanted = isJsonObject(applied) ? applied : {};
  if (Object.keys(old).length === 0 && Object.keys(wanted).length === 0) return applied;
  const merged: Record<string, unknown> = {};
  for (const name of new Set([...Object.keys(old), ...Object.keys(wanted)])) {
    const before = Object.hasOwn(old, name) ? old[name] : undefined;
    const after = Object.hasOwn(wanted, name) ? wanted[name] : undefined;
    const value = mergeValues(shapeBelow(shape, name) ?? ANY_SHAPE, before, after);
    if (value !== undefined) setOwn(merged, name, value);
  }
  return merged;
}

/**
 * Merges lists of items with identities. Items of both have the order of the configuration; those of one alone stay
 * where they are between them, those of the live list first.
 */
function mergeLists(shape: ListShape, live: readonly unknown[], applied: readonly unknown[]): readonly unknown[] {
  const liveElements = live.map((item, i) => elementOf(shape, item, i));
  const appliedElements = applied.map((item, i) => elementOf(shape, item, i));
  const liveItems = new Map(liveElements.map((element, i) => [element, live[i]]));
  const wanted = new Set(appliedElements);
  const shared = appliedElements.filter((element) => liveItems.has(element));
  const done = new Set<PathElement>();
  const merged: unknown[] = [];
  let at = 0;
  let sharedAt = 0;
  for (let next = 0; at < live.length || next < applied.length;) {
    const own = liveElements[at];
    if (own !== undefined && !wanted.has(own)) {
      merged.push(live[at]);
      at++;
    } else if (own !== undefined && (done.has(own) || own !== shared[sharedAt])) {
      at++; // its turn was, or comes with the configuration
    } else {
      const element = appliedElements[next];
      if (element === undefined) break;
      merged.push(mergeValues(shape.item, liveItems.get(element), applied[next]));
      done.add(element);
      if (element === shared[sharedAt]) sharedAt++;
      next++;
    }
  }
  return merged;
}
