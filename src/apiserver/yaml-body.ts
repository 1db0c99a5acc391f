import type * as Yaml from 'yaml';
import { CountersignError } from '../base/error.js';
import { isJsonObject } from '../kube/decode-json.js';
import { MAX_JSON_DEPTH } from '../kube/parse-json.js';

/** A YAML document as JSON values, and its doubled keys: `line 3: key "a" already set in map`. */
export interface YamlBody {
  readonly value: unknown;
  readonly duplicates: readonly string[];
}

/** Longer texts would hold up every other request; clients that have much to say send JSON. */
export const MAX_YAML_CHARACTERS = 1_048_576;

/** No Kubernetes object comes near. The reader of the package is recursive, and running out of stack kills the process. */
const MAX_YAML_DEPTH = 100;

const MAX_ALIASES = 100;

/** Types of YAML 1.1 that have no place in JSON, and that Go's reader does not know either. */
const NO_JSON: readonly string[] = ['timestamp', 'binary', 'omap', 'pairs', 'set'];

/**
 * Reads one YAML document as the API server does: YAML 1.1, where `yes` and `on` are true and a date is a text; the last
 * of doubled keys wins; documents after the first are not looked at. Throws OBJECT_MALFORMED for what is no YAML, has
 * no JSON form (a number that is not finite), or grows too large by aliases, depth or length.
 */
export async function parseYamlBody(text: string): Promise<YamlBody> {
  if (text.length > MAX_YAML_CHARACTERS) {
    throw malformed(`yaml: document is larger than ${MAX_YAML_CHARACTERS} characters`);
  }
  // Loaded on first use: it costs 50 ms, and most servers never see YAML.
  const yaml = await import('yaml');
  const lines = new yaml.LineCounter();
  try {
    const [document] = new yaml.Composer({
      version: '1.1',
      schema: 'yaml-1.1',
      customTags: withoutForeignTypes,
      uniqueKeys: false,
      prettyErrors: false,
      logLevel: 'silent',
    }).compose(firstDocument(yaml, text, lines));
    if (document === undefined) return { value: null, duplicates: [] };
    const [error] = document.errors;
    if (error !== undefined) throw malformed(`yaml: ${placeOf(error, lines)}${error.message}`);
    // toJS answers `any`; the next line proves that it is JSON.
    const value = document.toJS({ maxAliasCount: MAX_ALIASES }) as unknown;
    assertJson(value);
    return { value: value ?? null, duplicates: doubledKeys(yaml, document, lines) };
  } catch (error) {
    if (error instanceof CountersignError) throw error;
    // Too many aliases are a ReferenceError, too much nesting a RangeError.
    throw malformed(`yaml: ${error instanceof Error ? error.message : 'unreadable'}`);
  }
}

/** Writes a JSON value as YAML, its keys sorted, for `Accept: application/yaml`. */
export async function formatYaml(value: unknown): Promise<string> {
  const { stringify } = await import('yaml');
  return stringify(value, {
    version: '1.1',
    sortMapEntries: true,
    aliasDuplicateObjects: false,
    lineWidth: 0,
    indentSeq: false,
  });
}

function withoutForeignTypes(tags: Yaml.Tags): Yaml.Tags {
  return tags.filter((tag) => {
    if (typeof tag === 'string') return !NO_JSON.includes(tag);
    // Base 60 (`1:30`) is a text in Go.
    const sexagesimal = 'format' in tag && tag.format === 'TIME';
    return !sexagesimal && !NO_JSON.some((name) => tag.tag === `tag:yaml.org,2002:${name}`);
  });
}

function placeOf(error: Yaml.YAMLError, lines: Yaml.LineCounter): string {
  return `line ${lines.linePos(error.pos[0]).line}: `;
}

function doubledKeys(yaml: typeof Yaml, document: Yaml.Document.Parsed, lines: Yaml.LineCounter): readonly string[] {
  const doubled: string[] = [];
  yaml.visit(document, {
    Map(_key, map) {
      const seen = new Set<unknown>();
      for (const { key } of map.items) {
        if (!yaml.isScalar(key)) continue;
        if (seen.has(key.value)) {
          const line = lines.linePos(key.range?.[0] ?? 0).line;
          doubled.push(`line ${line}: key ${JSON.stringify(key.value)} already set in map`);
        }
        seen.add(key.value);
      }
    },
  });
  return doubled;
}

/** The tokens up to the end of the first document. Refuses collections inside of collections without end. */
function firstDocument(yaml: typeof Yaml, text: string, lines: Yaml.LineCounter): readonly Yaml.CST.Token[] {
  const parser = new yaml.Parser(lines.addNewLine);
  const tokens: Yaml.CST.Token[] = [];
  lines.addNewLine(0);
  for (const lexeme of new yaml.Lexer().lex(text)) {
    tokens.push(...parser.next(lexeme));
    if (tokens.at(-1)?.type === 'document') return tokens;
    if (parser.stack.length > MAX_YAML_DEPTH) throw malformed('exceeded max depth');
  }
  return [...tokens, ...parser.end()];
}

/** Refuses what has no form in JSON, and what aliases have made deep. */
function assertJson(value: unknown, depth = 0): void {
  if (depth > MAX_JSON_DEPTH) throw malformed('exceeded max depth');
  if (Array.isArray(value)) for (const item of value as readonly unknown[]) assertJson(item, depth + 1);
  else if (isJsonObject(value)) for (const name of Object.keys(value)) assertJson(value[name], depth + 1);
  else if (typeof value === 'number' && !Number.isFinite(value)) throw malformed(`json: unsupported value: ${value}`);
  else if (typeof value === 'bigint' || typeof value === 'symbol') throw malformed('json: unsupported type');
}

function malformed(message: string): CountersignError {
  return new CountersignError('OBJECT_MALFORMED', message);
}
