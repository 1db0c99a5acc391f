import { CountersignError, messageOf } from '../base/error.js';
import { isJsonObject } from '../kube/decode-json.js';
import type { Environment } from './environment.js';
import { readTextInput, shownInput } from './input.js';

/**
 * The names of the requests in a file of YAML or JSON, of every document and of lists in it, each once. Refuses (USAGE) a
 * file that holds something else or nothing: whoever decides by a file must see that all of it was decided.
 */
export async function requestNamesIn(path: string, environment: Environment): Promise<readonly string[]> {
  const text = await readTextInput(path, environment);
  const { parseAllDocuments } = await import('yaml');
  const values: unknown[] = [];
  try {
    for (const document of parseAllDocuments(text)) {
      if (document.errors[0] !== undefined) throw document.errors[0];
      const value: unknown = document.toJS();
      if (value !== null && value !== undefined) values.push(...itemsOf(value));
    }
  } catch (error) {
    throw refusal(path, `it is no YAML: ${messageOf(error)}`);
  }
  if (values.length === 0) throw refusal(path, 'it holds no CertificateSigningRequest');
  return [...new Set(values.map((value, i) => nameOf(value, path, i)))];
}

function itemsOf(value: unknown): readonly unknown[] {
  return isJsonObject(value) && Array.isArray(value['items']) ? value['items'] : [value];
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
