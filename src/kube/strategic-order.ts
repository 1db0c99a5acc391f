/**
 * Puts a merged list into the order of strategic merge patches. Items that `order` names follow that order; the others
 * keep theirs from the server; both are woven together by where they stood on the server. `identity` tells items apart,
 * in all three lists.
 */
export function orderLists<T>(
  merged: readonly T[],
  order: readonly unknown[],
  server: readonly unknown[],
  identity: (item: unknown) => unknown,
): readonly T[] {
  const orderPlaces = placesOf(order, identity);
  const serverPlaces = placesOf(server, identity);
  const placed = merged.map((item) => {
    const id = identity(item);
    return { item, order: orderPlaces.get(id), server: serverPlaces.get(id) };
  });
  const named = placed.filter((p) => p.order !== undefined).sort((a, b) => (a.order ?? 0) - (b.order ?? 0));
  const others = placed.filter((p) => p.order === undefined);
  const woven: T[] = [];
  let next = 0;
  for (const { item, server: place } of named) {
    for (let other = others[next]; other !== undefined; other = others[next]) {
      if (other.server === undefined || place === undefined || other.server > place) break;
      woven.push(other.item);
      next++;
    }
    woven.push(item);
  }
  for (const { item } of others.slice(next)) woven.push(item);
  return woven;
}

function placesOf(list: readonly unknown[], identity: (item: unknown) => unknown): ReadonlyMap<unknown, number> {
  const places = new Map<unknown, number>();
  list.forEach((item, i) => {
    const id = identity(item);
    if (!places.has(id)) places.set(id, i);
  });
  return places;
}
