import { parseUtf8 } from '../../base/bytes.js';
import { CountersignError } from '../../base/error.js';
import type { Entry, Store } from '../../storage/store.js';
import type { ObjectKey } from '../resource-store.js';
import type { Service } from './service.js';

/** Start of the keys of Services. */
export const SERVICE_PREFIX = '/registry/services/specs/';

const PAGE = 500;

/** A Service as it is stored now; undefined where there is none. */
export async function serviceAt(store: Store, { namespace, name }: ObjectKey): Promise<Service | undefined> {
  const entry = await store.get(`${SERVICE_PREFIX}${namespace}/${name}`);
  return entry === undefined ? undefined : parseService(entry);
}

/** Every stored Service. */
export async function* storedServices(store: Store): AsyncGenerator<Service> {
  let after: string | undefined;
  for (;;) {
    const page = await store.list(SERVICE_PREFIX, { limit: PAGE, ...(after === undefined ? {} : { after }) });
    for (const entry of page.entries) yield parseService(entry);
    after = page.entries.at(-1)?.key;
    if (!page.more || after === undefined) return;
  }
}

function parseService({ key, value }: Entry): Service {
  try {
    return JSON.parse(parseUtf8(value) ?? '') as Service; // what is stored was decoded by the schema
  } catch (cause) {
    throw new CountersignError(
      'STORE_CORRUPT',
      `Cannot read stored object: ${JSON.stringify(key)}: its value is no JSON`,
      {
        cause,
      },
    );
  }
}
