import type { ObjectFacts } from './facts.js';

/** A fact of an object that may have a namespace. */
export type Located = ObjectFacts & { readonly namespace?: string };

/** Facts by namespace and name, found also by texts that each of them has: addresses, uids. */
export interface FactTable<Fact extends Located> {
  readonly get: (namespace: string, name: string) => Fact | undefined;
  /** Sorted by namespace and name. The answer is nobody's to change, and stays as it is when facts change later. */
  readonly find: (index: string, text: string) => readonly Fact[];
  readonly set: (fact: Fact) => void;
  readonly remove: (namespace: string, name: string) => void;
}

/** The texts under which a fact is found, by index. */
export type TextsOf<Fact> = Readonly<Record<string, (fact: Fact) => readonly string[]>>;

interface FactIndex<Fact> {
  readonly textsOf: (fact: Fact) => readonly string[];
  readonly byText: Map<string, readonly Fact[]>;
}

const NONE: readonly never[] = [];

/** An empty table. An update costs as much as the fact has texts, whatever else the table holds. */
export function createFactTable<Fact extends Located>(textsOf: TextsOf<Fact>): FactTable<Fact> {
  const byNamespace = new Map<string, Map<string, Fact>>();
  const indexes = new Map<string, FactIndex<Fact>>();
  for (const [index, texts] of Object.entries(textsOf)) indexes.set(index, { textsOf: texts, byText: new Map() });

  const remove = (namespace: string, name: string): void => {
    const facts = byNamespace.get(namespace);
    const fact = facts?.get(name);
    if (facts === undefined || fact === undefined) return;
    facts.delete(name);
    if (facts.size === 0) byNamespace.delete(namespace);
    for (const index of indexes.values()) unfile(index, fact);
  };
  return {
    get: (namespace, name) => byNamespace.get(namespace)?.get(name),
    find: (index, text) => indexes.get(index)?.byText.get(text) ?? NONE,
    remove,
    set: (fact) => {
      const namespace = fact.namespace ?? '';
      remove(namespace, fact.name);
      const facts = byNamespace.get(namespace);
      if (facts === undefined) byNamespace.set(namespace, new Map([[fact.name, fact]]));
      else facts.set(fact.name, fact);
      for (const index of indexes.values()) file(index, fact);
    },
  };
}

function file<Fact extends Located>({ textsOf, byText }: FactIndex<Fact>, fact: Fact): void {
  for (const text of textsOf(fact)) {
    const others = byText.get(text) ?? NONE;
    const at = placeOf(fact, others);
    if (others[at] !== fact) byText.set(text, others.toSpliced(at, 0, fact)); // a text may be there twice
  }
}

function unfile<Fact extends Located>({ textsOf, byText }: FactIndex<Fact>, fact: Fact): void {
  for (const text of textsOf(fact)) {
    const facts = byText.get(text) ?? NONE;
    const at = placeOf(fact, facts);
    if (facts[at] !== fact) continue;
    if (facts.length === 1) byText.delete(text);
    else byText.set(text, facts.toSpliced(at, 1));
  }
}

/** Where a fact stands, or would stand, among sorted ones: thousands may share an address, or say that they do. */
function placeOf(fact: Located, sorted: readonly Located[]): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const other = sorted[middle];
    if (other !== undefined && byPlace(other, fact) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

function byPlace(a: Located, b: Located): number {
  return compare(a.namespace ?? '', b.namespace ?? '') || compare(a.name, b.name);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
