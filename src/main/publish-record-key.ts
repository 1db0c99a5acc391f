import { RECORD_KEYS_CONFIG_MAP, recordKeysConfigMap } from '../authority/record-keys.js';
import { TRUST_NAMESPACE } from '../authority/trust-root.js';
import { hasHttpCode } from '../client/api-failure.js';
import type { Client } from '../client/client.js';
import { CONFIG_MAPS } from '../client/resources.js';

/**
 * Adds an approver's public key to those that everybody may read, for `countersign verify-record`. Keys of the past
 * stay: what they signed is still to be verified.
 */
export async function publishRecordKey(client: Client, publicKeyDer: Uint8Array): Promise<void> {
  try {
    await client.create(CONFIG_MAPS, recordKeysConfigMap(publicKeyDer));
  } catch (error) {
    if (!hasHttpCode(error, 409)) throw error;
    const current = await client.get(CONFIG_MAPS, RECORD_KEYS_CONFIG_MAP, { namespace: TRUST_NAMESPACE });
    const { data } = recordKeysConfigMap(publicKeyDer, current.data);
    try {
      await client.update(CONFIG_MAPS, { ...current, data });
    } catch (conflict) {
      // another approver adds its key at the same time
      if (!hasHttpCode(conflict, 409)) throw conflict;
      await publishRecordKey(client, publicKeyDer);
    }
  }
}
