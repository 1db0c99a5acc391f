import { compareElements, type PathElement } from './path-element.js';

/**
 * A set of paths, as a tree: a node is in the set where it is `owned`, whatever becomes of the nodes below. No node but
 * the root is empty: each is owned, or has one below that is.
 */
export interface FieldSet {
  readonly owned: boolean;
  readonly children: ReadonlyMap<PathElement, FieldSet>;
}

const NO_CHILDREN: ReadonlyMap<PathElement, FieldSet> = new Map();

/** The set without paths. */
export const NO_FIELDS: FieldSet = { owned: false, children: NO_CHILDREN };

/** One path, and none below. */
export const LEAF: FieldSet = { owned: true, children: NO_CHILDREN };

/** A set while paths are put into it. */
export class FieldSetBuilder implements FieldSet {
  owned = false;
  readonly children: Map<PathElement, FieldSetBuilder> = new Map();

  /** Puts one path in. */
  insert(path: readonly PathElement[]): void {
    // the tree is built here and shared with nobody yet
    // eslint-disable-next-line @typescript-eslint/no-this-alias -- the walk begins at this node
    let node: FieldSetBuilder = this;
    for (const element of path) {
      let next = node.children.get(element);
      if (next === undefined) {
        next = new FieldSetBuilder();
        node.children.set(element, next);
      }
      node = next;
    }
    node.owned = true;
  }
}

/** A set of exactly these paths. */
export function fieldSetOf(paths: Iterable<readonly PathElement[]>): FieldSet {
  const set = new FieldSetBuilder();
  for (const path of paths) set.insert(path);
  return set;
}

/** Whether there is no path in it. */
export function isEmptySet(set: FieldSet): boolean {
  return !set.owned && set.children.size === 0;
}

/** A node with those of its children that are not empty. */
export function nodeOf(owned: boolean, children: ReadonlyMap<PathElement, FieldSet>): FieldSet {
  if (children.size === 0) return owned ? LEAF : NO_FIELDS;
  return { owned, children };
}

/** The paths of either. */
export function union(a: FieldSet, b: FieldSet): FieldSet {
  if (a === b || isEmptySet(b)) return a;
  if (isEmptySet(a)) return b;
  const children = new Map(a.children);
  for (const [element, child] of b.children) {
    const other = children.get(element);
    children.set(element, other === undefined ? child : union(other, child));
  }
  return nodeOf(a.owned || b.owned, children);
}

/** The paths of both. */
export function intersection(a: FieldSet, b: FieldSet): FieldSet {
  const children = new Map<PathElement, FieldSet>();
  for (const [element, child] of a.children) {
    const other = b.children.get(element);
    if (other !== undefined) keep(children, element, intersection(child, other));
  }
  return nodeOf(a.owned && b.owned, children);
}

/** The paths of `a` that are not in `b`; what is below of a path of `b` stays. */
export function difference(a: FieldSet, b: FieldSet): FieldSet {
  if (isEmptySet(b)) return a;
  const children = new Map<PathElement, FieldSet>();
  for (const [element, child] of a.children) {
    const other = b.children.get(element);
    keep(children, element, other === undefined ? child : difference(child, other));
  }
  return nodeOf(a.owned && !b.owned, children);
}

/** Whether both have the same paths. */
export function equalSets(a: FieldSet, b: FieldSet): boolean {
  if (a === b) return true;
  if (a.owned !== b.owned || a.children.size !== b.children.size) return false;
  for (const [element, child] of a.children) {
    const other = b.children.get(element);
    if (other === undefined || !equalSets(child, other)) return false;
  }
  return true;
}

/** The paths, sorted; of each node those that end right below come first. */
export function pathsOf(set: FieldSet): readonly (readonly PathElement[])[] {
  const paths: (readonly PathElement[])[] = set.owned ? [[]] : [];
  collectPaths(set, [], paths);
  return paths;
}

function collectPaths(set: FieldSet, above: readonly PathElement[], paths: (readonly PathElement[])[]): void {
  const sorted = sortedChildren(set);
  for (const [element, child] of sorted) if (child.owned) paths.push([...above, element]);
  for (const [element, child] of sorted) {
    if (child.children.size > 0) collectPaths(child, [...above, element], paths);
  }
}

/** The children of a node in the order of FieldsV1. */
export function sortedChildren(set: FieldSet): readonly (readonly [PathElement, FieldSet])[] {
  return [...set.children].sort(([a], [b]) => compareElements(a, b));
}

function keep(children: Map<PathElement, FieldSet>, element: PathElement, child: FieldSet): void {
  if (!isEmptySet(child)) children.set(element, child);
}
