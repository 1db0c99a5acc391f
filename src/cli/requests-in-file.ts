import { CountersignError } from '../base/error.js';
import { isJsonObject } from '../kube/decode-json.js';
import type { Environment } from './environment.js';
import { shownInput } from './input.js';
import { objectsInFile } from './objects-in-file.js';

/**
 * The names of the requests in a file of YAML or JSON, of every document and of lists in it, each once. Refuses (USAGE) a
 * file that holds something else or nothing: whoever decides by a file must see that all of it was decided.
 */
export async function requestNamesIn(path: string, environment: Environment): Promise<readonly string[]> {
  const values = await objectsInFile(path, 'CertificateSigningRequest', environment);
  return [...new Set(values.map((value, i) => nameOf(value, path, i)))];
}

function nameOf(value: unknown, path: string, index: number): string {
  const kind = isJsonObject(value) ? value['kind'] : undefined;
  if (!isJsonObject(value) || kind !== 'CertificateSigningRequest') {
    const is = typeof kind === 'string' ? JSON.stringify(kind) : 'without kind';
    throw refusal(path, `object ${index + 1} is ${is}, must be a CertificateSigningRequest`);
  }
  const { metadata } = value;
  const name = isJsonObject(metadata) ? metadata['name'] : undefined;
  if (typeof name === 'string' && name !== '') return name;
  throw refusal(path, `object ${index + 1} has no metadata.name`);
}

function refusal(path: string, what: string): CountersignError<'USAGE'> {
  return new CountersignError('USAGE', `Cannot read ${shownInput(path)}: ${what}`);
}
