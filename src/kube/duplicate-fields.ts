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

/** One object or array that is open. */
interface Level {
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
          level = { names: new Set(), name: '', index: 0 };
          this.#levels.push(level);
          nameNext = true;
          break;
        case 91: // [
          level = { names: undefined, name: '', index: 0 };
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
    if (this.#unknown.size > 0 && this.#unknown.has(this.#path())) {
      this.#unknownDepth = this.#levels.length;
      this.#add('unknown');
    } else if (level.names?.has(name) === true) this.#add('duplicate');
    level.names?.add(name);
  }

  #add(kind: Finding['kind']): void {
    if (this.#findings.length >= MAX_STRICT_FINDINGS) return;
    const path = this.#path();
    if (this.#found.has(path)) return;
    this.#found.add(path);
    this.#findings.push({ kind, path });
  }

  #path(): string {
    let path = '';
    for (const level of this.#levels) {
      if (level.names === undefined) path += `[${level.index}]`;
      else path += path === '' ? level.name : `.${level.name}`;
    }
    return path;
  }
}
