import { readFile } from 'node:fs/promises';
import { delimiter, dirname, join, resolve } from 'node:path';
import { parse } from 'yaml';
import { CountersignError, messageOf } from '../../base/error.js';

/** A part of a kubeconfig whose fields have not been looked at. */
export type RawFields = Readonly<Record<string, unknown>>;

/** A named entry of a kubeconfig, and the file it comes from: relative paths in it start there. */
export interface KubeconfigEntry {
  readonly fields: RawFields;
  readonly file: string;
}

/** Kubeconfig files, merged. */
export interface MergedKubeconfig {
  /** The files that were read, in order; none where there is no kubeconfig. */
  readonly files: readonly string[];
  readonly currentContext: string | undefined;
  readonly clusters: ReadonlyMap<string, KubeconfigEntry>;
  readonly users: ReadonlyMap<string, KubeconfigEntry>;
  readonly contexts: ReadonlyMap<string, KubeconfigEntry>;
}

/** Largest kubeconfig that is read. */
const MAX_BYTES = 8 * 1024 * 1024;

/** The error about a place in a configuration file. */
export function configError(where: string, what: string, cause?: unknown): CountersignError<'CONFIG_INVALID'> {
  const detail = cause === undefined ? {} : { cause };
  return new CountersignError('CONFIG_INVALID', `Cannot read kubeconfig: ${where}: ${what}`, detail);
}

/** Whether a value is an object whose fields can be looked at. */
export function isFields(value: unknown): value is RawFields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Reads the kubeconfig files that kubectl would: `path` alone, which must exist; else the files of KUBECONFIG; else
 * ~/.kube/config. Files of KUBECONFIG that do not exist are passed over. The first file to name a context as current,
 * or to define an entry, wins.
 */
export async function readKubeconfigFiles(
  path: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
): Promise<MergedKubeconfig> {
  const files: string[] = [];
  let currentContext: string | undefined;
  const clusters = new Map<string, KubeconfigEntry>();
  const users = new Map<string, KubeconfigEntry>();
  const contexts = new Map<string, KubeconfigEntry>();
  for (const file of candidates(path, env)) {
    const text = await readText(file, path !== undefined);
    if (text === undefined) continue;
    files.push(file);
    const config = parseConfig(file, text);
    currentContext ??= optionalText(config, 'current-context', file);
    addEntries(clusters, config, 'clusters', 'cluster', file);
    addEntries(users, config, 'users', 'user', file);
    addEntries(contexts, config, 'contexts', 'context', file);
  }
  return { files, currentContext, clusters, users, contexts };
}

/** A field that is text or absent; empty counts as absent, as in Go. */
export function optionalText(fields: RawFields, name: string, where: string): string | undefined {
  const value = fields[name];
  if (value === undefined || value === null || value === '') return undefined;
  if (typeof value === 'string') return value;
  throw configError(where, `${name} is no string`);
}

function candidates(path: string | undefined, env: Readonly<Record<string, string | undefined>>): readonly string[] {
  if (path !== undefined) return [resolve(path)];
  const list = env['KUBECONFIG'];
  if (list !== undefined && list !== '') {
    return [...new Set(list.split(delimiter).filter((file) => file !== ''))].map((file) => resolve(file));
  }
  const home = env['HOME'] ?? env['USERPROFILE'];
  return home === undefined || home === '' ? [] : [join(home, '.kube', 'config')];
}

async function readText(file: string, required: boolean): Promise<string | undefined> {
  let bytes: Buffer;
  try {
    bytes = await readFile(file);
  } catch (error) {
    if (!required && isMissing(error)) return undefined;
    throw configError(file, messageOf(error), error);
  }
  if (bytes.length > MAX_BYTES) throw configError(file, `${bytes.length} bytes, at most ${MAX_BYTES}`);
  return bytes.toString('utf8');
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
}

function parseConfig(file: string, text: string): RawFields {
  let value: unknown;
  try {
    value = parse(text, { maxAliasCount: 100 });
  } catch (error) {
    throw configError(file, `no YAML: ${messageOf(error)}`, error);
  }
  if (value === null || value === undefined) return {};
  if (!isFields(value)) throw configError(file, 'no mapping of fields');
  const kind = value['kind'] ?? 'Config';
  const apiVersion = value['apiVersion'] ?? 'v1';
  if (kind !== 'Config' || apiVersion !== 'v1') {
    throw configError(
      file,
      `kind and apiVersion are ${JSON.stringify(kind)} and ${JSON.stringify(apiVersion)}, not Config and v1`,
    );
  }
  return value;
}

function addEntries(
  into: Map<string, KubeconfigEntry>,
  config: RawFields,
  listName: string,
  entryName: string,
  file: string,
): void {
  const list = config[listName] ?? [];
  if (!Array.isArray(list)) throw configError(file, `${listName} is no list`);
  list.forEach((item: unknown, i) => {
    const where = `${listName}[${i}]`;
    if (!isFields(item)) throw configError(file, `${where} is no mapping of fields`);
    const name = optionalText(item, 'name', `${file}: ${where}`);
    if (name === undefined) throw configError(file, `${where} has no name`);
    const fields = item[entryName] ?? {};
    if (!isFields(fields)) throw configError(file, `${where}.${entryName} is no mapping of fields`);
    if (!into.has(name)) into.set(name, { fields, file });
  });
}

/** A path in an entry, which starts at the folder of its file where it is relative. */
export function pathIn(entry: KubeconfigEntry, path: string): string {
  return resolve(dirname(entry.file), path);
}
