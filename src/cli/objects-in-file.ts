import { CountersignError, messageOf } from '../base/error.js';
import { isJsonObject } from '../kube/decode-json.js';
import type { Environment } from './environment.js';
import { readTextInput, shownInput } from './input.js';

/**
 * What a file of YAML or JSON holds: every document, and what is in lists; `-` is standard input. Refuses (USAGE) what
 * is no YAML, and a file without any; `what` is what is missing then.
 */
export async function objectsInFile(path: string, what: string, environment: Environment): Promise<readonly unknown[]> {
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
    throw new CountersignError('USAGE', `Cannot read ${shownInput(path)}: it is no YAML: ${messageOf(error)}`);
  }
  if (values.length === 0) throw new CountersignError('USAGE', `Cannot read ${shownInput(path)}: it holds no ${what}`);
  return values;
}

function itemsOf(value: unknown): readonly unknown[] {
  return isJsonObject(value) && Array.isArray(value['items']) ? value['items'] : [value];
}
