import { endOfString } from './parse-json.js';

/** No more findings than this are kept, as in Kubernetes. */
export const MAX_STRICT_FINDINGS = 100;

/** Dotted paths of fields that JSON text names twice in one object, in the order of the text, each once. */
export function findDuplicateFields(text: string): readonly string[] {
  return new FieldScanner(text, NONE).scan().map((finding) => finding.path);
}

/**
 * What strict validation finds: `unknown field "a.b"` and `duplicate field "c"`, in the order of the text, each once.
 * Nothing is looked for inside unknown fields. Unknown fields that the text does not have, because it is a patch, come
 * last. The text must be valid JSON.
 */
export function strictFindings(text: string, unknownFields: readonly string[]): readonly string[] {
  const found = new FieldScanner(text, unknownFields.length === 0 ? NONE : new Set(unknownFields)).scan();
  const findings = found.map(({ kind, path }) => `${kind} field ${JSON.stringify(path)}`);
  for (const path of unknownFields) {
    const finding = `unknown field ${JSON.stringify(path)}`;
    if (!findings.includes(finding)) findings.push(finding);
  }
  return findings.slice(0, MAX_STRICT_FINDINGS);
}

const NONE: ReadonlySet<string> = new Set();

interface Finding {
  readonly kind: 'unknown' | 'duplicate';
  readonly path: string;
}

/** Longer paths are cut off: what is asked of each name must not grow with the names around it. */
const MAX_PATH = 1024;

/** One object or array that is open. */
interface Level {
  /** The path of the object or array itself. */
  readonly path: string;
  /** Names seen; undefined in an array. */
  readonly names: Set<string> | undefined;
  /** The name, or the index, of the value being read. */
  name: string;
  index: number;
}

/** Walks over valid JSON text from quote to quote, keeping only the names on the way. */
class FieldScanner {
  readonly #text: string;
  readonly #unknown: ReadonlySet<string>;
  readonly #levels: Level[] = [];
  readonly #findings: Finding[] = [];
  readonly #found = new Set<string>();
  /** How many levels were open where the unknown field stands that is being passed; 0 outside of one. */
  #unknownDepth = 0;

  constructor(text: string, unknown: ReadonlySet<string>) {
    this.#text = text;
    this.#unknown = unknown;
  }

  scan(): readonly Finding[] {
    const text = this.#text;
    let level: Level | undefined;
    let nameNext = false;
    for (let at = 0; at < text.length; at++) {
      switch (text.charCodeAt(at)) {
        case 34: {
          const end = endOfString(text, at + 1);
          if (nameNext && level !== undefined) this.#enter(level, text.slice(at + 1, end));
          nameNext = false;
          at = end;
          break;
        }
        case 123: // {
          level = { path: placeIn(level), names: new Set(), name: '', index: 0 };
          this.#levels.push(level);
          nameNext = true;
          break;
        case 91: // [
          level = { path: placeIn(level), names: undefined, name: '', index: 0 };
          this.#levels.push(level);
          nameNext = false;
          break;
        case 125: // }
        case 93: // ]
          this.#levels.pop();
          level = this.#levels.at(-1);
          if (this.#levels.length < this.#unknownDepth) this.#unknownDepth = 0;
          nameNext = false;
          break;
        case 44: // ,
          if (level === undefined) break;
          if (level.names === undefined) level.index++;
          else nameNext = true;
          break;
        default:
      }
    }
    return this.#findings;
  }

  #enter(level: Level, raw: string): void {
    // JSON.parse of a quoted string that the text was parsed with gives a string.
    const name = raw.includes('\\') ? (JSON.parse(`"${raw}"`) as string) : raw;
    if (this.#unknownDepth === this.#levels.length) this.#unknownDepth = 0; // the unknown field has been passed
    level.name = name;
    if (this.#unknownDepth > 0) return;
    if (this.#unknown.size > 0 && this.#unknown.has(placeIn(level))) {
      this.#unknownDepth = this.#levels.length;
      this.#add('unknown', placeIn(level));
    } else if (level.names?.has(name) === true) this.#add('duplicate', placeIn(level));
    level.names?.add(name);
  }

  #add(kind: Finding['kind'], path: string): void {
    if (this.#findings.length >= MAX_STRICT_FINDINGS || this.#found.has(path)) return;
    this.#found.add(path);
    this.#findings.push({ kind, path });
  }
}

/** The path of what is being read in an object or array; of the whole, nothing. */
function placeIn(level: Level | undefined): string {
  if (level === undefined) return '';
  const { path, names, name, index } = level;
  if (path.length >= MAX_PATH) return path;
  const place = names === undefined ? `${path}[${index}]` : path === '' ? name : `${path}.${name}`;
  return place.length > MAX_PATH ? place.slice(0, MAX_PATH) : place;
}
