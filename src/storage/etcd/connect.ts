import { DEFAULT_MAX_VALUE_BYTES } from '../store.js';
import type { EtcdAddress } from './address.js';
import type { EtcdStoreOptions } from './etcd-store-options.js';
import { EtcdStore } from './etcd-store.js';
import { KeySpace } from './key-space.js';
import { createMemberClient } from './member-client.js';
import { Members } from './members.js';
import { RANGE } from './methods.js';
import { refusalOf } from './refusal-of.js';
import { encodeNewest } from './requests.js';
import type { StoreInEtcd } from './store-in-etcd.js';

/** One attempt of a read, and the wait for any member, take so long at most. */
const ATTEMPT_MS = 4000;
const CONNECT_MS = 3000;

/** Connects to the members and reads the newest revision; everything else follows from it. */
export async function connect(address: EtcdAddress, options: EtcdStoreOptions): Promise<StoreInEtcd> {
  const { timeoutMs = 10_000, tls = {} } = options;
  const grpc = await import('@grpc/grpc-js');
  const clients = address.endpoints.map(
    (endpoint) => [endpoint, createMemberClient(grpc, endpoint, address.secure ? tls : undefined)] as const,
  );
  const members = new Members(grpc, clients, {
    operationMs: timeoutMs,
    attemptMs: Math.min(ATTEMPT_MS, timeoutMs),
    connectMs: Math.min(CONNECT_MS, timeoutMs),
  });
  try {
    const { revision } = await members.read(RANGE, encodeNewest());
    const { maxValueBytes = DEFAULT_MAX_VALUE_BYTES, progressMs = 5000, observe = () => undefined } = options;
    const { recentEvents: maxEvents = 4096, recentBytes: maxBytes = 8 * 1024 * 1024 } = options;
    const space = new KeySpace(address.prefix);
    const recent = { maxEvents, maxBytes };
    const store = new EtcdStore({ members, space, maxValueBytes, recent, progressMs, observe, revision });
    await started(store, members.pause(timeoutMs));
    return store;
  } catch (error) {
    members.close();
    throw refusalOf(error, { operation: 'open' }, 0);
  }
}

/** Waits until watches are live, so that what is written from now on is told as it is written. */
async function started(store: EtcdStore, patience: Promise<void>): Promise<void> {
  try {
    await Promise.race([store.started(), patience]);
  } catch (error) {
    await store.close();
    throw error;
  }
}
