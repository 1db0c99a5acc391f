import type { CertificateRecord } from '../../certificates/certificate-record.js';
import type { Random } from '../../base/bytes.js';
import type { Clock } from '../../base/clock.js';
import { CountersignError } from '../../base/error.js';
import type { RecordVerifier } from '../../authority/record-verifier.js';
import { parseCertificateRecord } from '../../certificates/parse-certificate-record.js';
import type { Client } from '../../client/client.js';
import { createInformer, type Informer } from '../../client/informer.js';
import type { ResourceType } from '../../client/resource-type.js';
import {
  CERTIFICATE_RECORDS,
  ENDPOINT_SLICES,
  NAMESPACES,
  NODES,
  PODS,
  SERVICES,
  SERVICE_ACCOUNTS,
} from '../../client/resources.js';
import { createFactStore, type FactsByKind, type FactStore } from '../../policy/fact-store.js';
import type { Facts, FactsStanding } from '../../policy/facts.js';
import {
  endpointSliceFactsOf,
  namespaceFactsOf,
  nodeFactsOf,
  podFactsOf,
  serviceAccountFactsOf,
  serviceFactsOf,
} from '../../policy/facts-of.js';
import { recordedKeyOf, type RecordedKey } from '../../policy/recorded-key.js';
import type { KubeObject } from '../../kube/object-meta.js';
import { watched, type Watched } from '../runtime/controller.js';
import type { FactChange, KnownByKind } from './fact-change.js';

/** What the caches are made with. */
export interface FactCachesOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  /**
   * After this long without a word of the server about a resource its facts are not believed. Servers send a bookmark
   * about once a minute; default 150.
   */
  readonly maxSilenceSeconds?: number;
  /**
   * Tells whose records say whose a key is: whoever may create records could otherwise take any key from its holder.
   * Absent, where nobody knows the keys of approvers: every record counts.
   */
  readonly records?: RecordVerifier;
  /** Other caches without which facts are not believed either. */
  readonly besides?: readonly Informer<unknown>[];
}

/** Facts from memory that follow the server. */
export interface FactCaches {
  /** For the runtime: it runs the caches. They enqueue nothing. */
  readonly watches: readonly Watched[];
  /** The facts as they are now, with their standing at this moment. Lookups later on may tell of later changes. */
  facts(): Facts;
  /** Up to which version the cache of a kind has followed; undefined for kinds that facts are not taken from. */
  versionOf(kind: string): { readonly version: string | undefined } | undefined;
  /** Calls `listener` after every change of a fact; the answer ends that. */
  onFactChange(listener: (change: FactChange) => void): () => void;
}

const MAX_SILENCE_SECONDS = 150;

/** Caches of everything that decisions look up. Nothing happens until the runtime runs them. */
export function createFactCaches(options: FactCachesOptions): FactCaches {
  return new StoredFacts(options);
}

class StoredFacts implements FactCaches {
  readonly watches: readonly Watched[];
  readonly #options: FactCachesOptions;
  readonly #store: FactStore = createFactStore();
  readonly #listeners = new Set<(change: FactChange) => void>();
  readonly #informers = new Map<string, Informer<unknown>>();

  constructor(options: FactCachesOptions) {
    this.#options = options;
    this.#follow('Pod', PODS, podFactsOf);
    this.#follow('Service', SERVICES, serviceFactsOf);
    this.#follow('EndpointSlice', ENDPOINT_SLICES, endpointSliceFactsOf);
    this.#follow('Node', NODES, nodeFactsOf);
    this.#follow('Namespace', NAMESPACES, namespaceFactsOf);
    this.#follow('ServiceAccount', SERVICE_ACCOUNTS, serviceAccountFactsOf);
    this.#followRecords();
    this.watches = [...this.#informers.values()].map((informer) => watched(informer, () => []));
  }

  facts(): Facts {
    this.#store.setStanding(this.#standing());
    return this.#store;
  }

  versionOf(kind: string): { readonly version: string | undefined } | undefined {
    return this.#informers.get(kind);
  }

  onFactChange(listener: (change: FactChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #standing(): FactsStanding {
    const { clock, besides = [], maxSilenceSeconds = MAX_SILENCE_SECONDS } = this.#options;
    const informers = [...this.#informers.values(), ...besides];
    const syncing = informers.filter(({ heardAt }) => heardAt === undefined);
    if (syncing.length > 0) return { kind: 'syncing', resources: syncing.map(({ resource }) => resource) };
    const now = clock.now();
    for (const { heardAt = now, resource } of informers) {
      const seconds = Math.floor((now - heardAt) / 1000);
      if (seconds > maxSilenceSeconds) return { kind: 'silent', resource, seconds };
    }
    return { kind: 'fresh' };
  }

  #follow<Kind extends keyof FactsByKind, T extends KubeObject>(
    kind: Kind,
    resource: ResourceType<T>,
    factsOf: (object: T) => FactsByKind[Kind],
  ): void {
    this.#inform(kind, resource, factsOf, {
      set: (fact) => this.#store.set(kind, fact),
      remove: (key) => {
        const at = key.indexOf('/');
        this.#store.remove(kind, at < 0 ? '' : key.slice(0, at), key.slice(at + 1));
      },
    });
  }

  #followRecords(): void {
    // The spec of a record never changes, and reading it costs: each record is read once, whatever becomes of its status.
    const read = new Map<string, { readonly uid: string; readonly known: RecordedKey }>();
    const keep = (record: CertificateRecord): RecordedKey | undefined => {
      const { name = '', uid = '' } = record.metadata;
      const before = read.get(name);
      if (before !== undefined && before.uid === uid) return before.known;
      const known = readRecordedKey(record, this.#options.records);
      if (known !== undefined && uid !== '') read.set(name, { uid, known });
      return known;
    };
    this.#inform('CertificateRecord', CERTIFICATE_RECORDS, keep, {
      set: ({ publicKeyDigest, holder }) => this.#store.setKeyHolder(publicKeyDigest, holder),
      remove: (name) => {
        read.delete(name);
        this.#store.removeKeyHolder(name);
      },
    });
  }

  #inform<T extends KubeObject, Known>(
    kind: keyof KnownByKind,
    resource: ResourceType<T>,
    keep: (object: T) => Known | undefined,
    into: { readonly set: (known: Known) => void; readonly remove: (key: string) => void },
  ): void {
    const { client, clock, random } = this.#options;
    const informer = createInformer(client, resource, { clock, random, keep });
    informer.onChange((change) => {
      if (change.current === undefined) into.remove(change.key);
      else into.set(change.current);
      // What is known is of this kind: the two callers above bind them.
      const told = { kind, ...change } as unknown as FactChange;
      for (const listener of this.#listeners) listener(told);
    });
    this.#informers.set(kind, informer);
  }
}

/** Whose key a record says it is. A record that cannot be read, or that nobody who counts has signed, says nothing. */
function readRecordedKey(object: unknown, records: RecordVerifier | undefined): RecordedKey | undefined {
  if (records !== undefined) {
    const verdict = records.verify(object);
    return verdict.kind === 'valid' ? recordedKeyOf(verdict.record) : undefined;
  }
  try {
    return recordedKeyOf(parseCertificateRecord(object));
  } catch (error) {
    if (error instanceof CountersignError) return undefined;
    throw error;
  }
}
