import { access } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parseRecordKeys, RECORD_KEYS_CONFIG_MAP } from '../authority/record-keys.js';
import { TRUST_NAMESPACE } from '../authority/trust-root.js';
import type { Client } from '../client/client.js';
import { CONFIG_MAPS } from '../client/resources.js';
import type { SubjectPublicKeyInfo } from '../x509/public-key.js';
import type { Environment } from './environment.js';
import { readTextInput } from './input.js';
import { objectsInFile } from './objects-in-file.js';

/** Something that may be a record, and how messages call it. */
export interface RecordInput {
  readonly shown: string;
  readonly value: unknown;
}

/** Whether an argument is a file (or standard input), rather than the name of a record on a server. */
export async function isFileArgument(argument: string, { cwd }: Environment): Promise<boolean> {
  if (argument === '-' || /[/\\]|\.(?:ya?ml|json)$/.test(argument)) return true;
  try {
    await access(resolve(cwd, argument));
    return true;
  } catch {
    return false; // access throws where there is no such file, and then it is a name
  }
}

/** The records of a YAML or JSON file: of every document, and of lists in them. Refuses a file without any. */
export async function readRecordFile(path: string, environment: Environment): Promise<readonly RecordInput[]> {
  const values = await objectsInFile(path, 'record', environment);
  const title = path === '-' ? 'standard input' : path;
  return values.map((value, i) => ({ shown: values.length === 1 ? title : `${title}[${i}]`, value }));
}

/** The public keys in PEM files. */
export async function readTrustFiles(
  paths: readonly string[],
  environment: Environment,
): Promise<readonly SubjectPublicKeyInfo[]> {
  const texts = await Promise.all(paths.map((path) => readTextInput(path, environment)));
  return texts.flatMap(parseRecordKeys);
}

/** The public keys of approvers that a cluster publishes, for everybody to read. */
export async function readPublishedKeys(client: Client, signal: AbortSignal): Promise<readonly SubjectPublicKeyInfo[]> {
  const { data = {} } = await client.get(CONFIG_MAPS, RECORD_KEYS_CONFIG_MAP, { namespace: TRUST_NAMESPACE, signal });
  return parseRecordKeys(Object.values(data).join('\n'));
}
