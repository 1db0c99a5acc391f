/** A step of a path: a name, or the items of a list of which one field has one value. */
type Step = { readonly name: string } | { readonly where: string; readonly is: string };

/** A path into an object, parsed. */
export type JsonPath = readonly Step[];

const STEP = /^(?:\.([A-Za-z]+)|\[\?\(@\.([A-Za-z]+)=="([^"]*)"\)\])/;

/**
 * Parses the part of JSONPath that printer columns need: `.spec.mode`, and `.status.conditions[?(@.type=="Ready")].status`.
 * Throws a RangeError for anything else: paths are written by us.
 */
export function parseJsonPath(text: string): JsonPath {
  const steps: Step[] = [];
  for (let rest = text; rest !== '';) {
    const match = STEP.exec(rest);
    if (match === null) throw new RangeError(`Not a path: ${text}`);
    const [all, name, where, is] = match;
    steps.push(name === undefined ? { where: where ?? '', is: is ?? '' } : { name });
    rest = rest.slice(all.length);
  }
  return steps;
}

/** The first value at a path; undefined where there is none. */
export function valueAt(path: JsonPath, root: object): unknown {
  let value: unknown = root;
  for (const step of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value =
      'name' in step
        ? propertyOf(value, step.name)
        : Array.isArray(value)
          ? value.find((item: unknown) => propertyOf(item, step.where) === step.is)
          : undefined;
  }
  return value;
}

function propertyOf(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
  return (value as Readonly<Record<string, unknown>>)[name]; // an own property, as was just seen
}
