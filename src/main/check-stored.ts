import { parseUtf8 } from '../base/bytes.js';
import { messageOf } from '../base/error.js';
import { createRequestVerifier } from '../crypto/request-verifier.js';
import { decodeObject, isJsonObject } from '../kube/decode-json.js';
import { apiVersionOf, type KubeObject } from '../kube/object-meta.js';
import type { Resource } from '../registry/resource.js';
import { createResources } from '../registry/resources.js';
import type { Service } from '../registry/services/service.js';
import { addressesOf } from '../registry/services/give-cluster-ips.js';
import { portTextsOf } from '../registry/services/give-node-ports.js';
import type { BackupRecord, KeyPlace } from '../storage/backup/backup-format.js';
import type { Entry, Revision } from '../storage/store.js';

/** Opens a value that is sealed. Undefined: its key is not at hand. Throws where it cannot be opened. */
export type OpenSealed = (entry: Entry) => Uint8Array | undefined;

/** Problems that are told; a store that is not ours has one for each key. */
const MAX_PROBLEMS = 100;

/** Claims of Services, by the start of their keys. */
const CLAIMS = [
  { prefix: '/registry/clusterips/', what: 'cluster IP', valuesOf: addressesOf },
  { prefix: '/registry/nodeports/', what: 'node port', valuesOf: portTextsOf },
] as const;

/** Keys that are no objects: the server's own. */
const OWN_PREFIX = '/countersign/';

/** What every data folder has. */
const NEEDED_FILES = ['pki/server-ca.key', 'pki/server-ca.crt', 'pki/client-ca.key', 'pki/client-ca.crt'];

/**
 * Looks at every record of a store, or of its backup: whether each value is an object of the kind that lives under its
 * key, whether keys, names, namespaces, uids and revisions agree, and whether what Services hold is claimed for them.
 */
export class StoredCheck {
  readonly #openSealed: OpenSealed;
  readonly #resources: readonly Resource[];
  readonly #problems: string[] = [];
  #problemCount = 0;
  readonly #keyByUid = new Map<string, string>();
  readonly #keyByRevision = new Map<Revision, string>();
  readonly #namespaces = new Set<string>();
  readonly #namespaceOf = new Map<string, string>();
  /** By claim's key: the Service that holds it. */
  readonly #held = new Map<string, string>();
  readonly #claims = new Set<string>();
  readonly #files = new Set<string>();
  #keys: KeyPlace = 'files';
  /** Values that could not be looked into, for want of a key. */
  sealed = 0;

  constructor(openSealed: OpenSealed) {
    this.#openSealed = openSealed;
    const resources = createResources({ requestVerifier: createRequestVerifier() });
    // of two views of the same objects, the one that is stored
    this.#resources = resources.filter((resource) => resource.view === undefined);
  }

  /** Takes the next record. */
  look(record: BackupRecord): void {
    switch (record.kind) {
      case 'header':
        this.#keys = record.header.keys;
        return;
      case 'entry':
        this.#entry(record.entry);
        return;
      case 'file':
        this.#files.add(record.file.name);
        return;
      case 'end':
        this.#finish();
    }
  }

  /** What is wrong, a line each, after the end has been looked at. */
  problems(): readonly string[] {
    const untold = this.#problemCount - this.#problems.length;
    return untold === 0 ? this.#problems : [...this.#problems, `and ${untold} more`];
  }

  #entry(entry: Entry): void {
    const { key, revision } = entry;
    const other = this.#keyByRevision.get(revision);
    if (other !== undefined) this.#problem(key, `it has revision ${revision}, and so has ${other}`);
    this.#keyByRevision.set(revision, key);
    if (key.startsWith(OWN_PREFIX)) return;
    if (CLAIMS.some(({ prefix }) => key.startsWith(prefix))) {
      this.#claims.add(key);
      return;
    }
    const resource = this.#resources.find(({ keyPrefix }) => key.startsWith(keyPrefix));
    if (resource === undefined) {
      this.#problem(key, 'no kind lives there');
      return;
    }
    const object = this.#decode(entry, resource);
    if (object !== undefined) this.#object(key, resource, object);
  }

  #decode(entry: Entry, resource: Resource): KubeObject | undefined {
    try {
      const value = this.#openSealed(entry);
      if (value === undefined) {
        this.sealed++;
        return undefined;
      }
      const json = JSON.parse(parseUtf8(value) ?? '') as unknown;
      const { object, unknownFields } = decodeObject(resource.schema, resource.kind, json);
      if (unknownFields.length > 0) this.#problem(entry.key, `unknown fields ${unknownFields.join(', ')}`);
      const { kind, apiVersion } = isJsonObject(json) ? json : {};
      const wanted = apiVersionOf(resource.group, resource.version);
      if (kind === resource.kind && apiVersion === wanted) return object;
      this.#problem(entry.key, `it is a ${String(kind)} of ${String(apiVersion)}, not a ${resource.kind} of ${wanted}`);
    } catch (error) {
      this.#problem(entry.key, messageOf(error));
    }
    return undefined;
  }

  #object(key: string, resource: Resource, object: KubeObject): void {
    const { name = '', namespace = '', uid } = object.metadata;
    const path = resource.namespaced ? `${namespace}/${name}` : name;
    if (key !== resource.keyPrefix + path) this.#problem(key, `its object says that it is ${JSON.stringify(path)}`);
    if (uid === undefined || uid === '') this.#problem(key, 'its object has no uid');
    else {
      const other = this.#keyByUid.get(uid);
      if (other !== undefined) this.#problem(key, `its object has uid ${uid}, and so has that of ${other}`);
      this.#keyByUid.set(uid, key);
    }
    if (resource.kind === 'Namespace') this.#namespaces.add(name);
    if (resource.namespaced) this.#namespaceOf.set(key, namespace);
    if (resource.kind !== 'Service') return;
    for (const { prefix, valuesOf } of CLAIMS) {
      // decoded by the schema of Services
      for (const value of valuesOf(object as Service)) this.#held.set(prefix + value, path);
    }
  }

  #finish(): void {
    for (const [key, namespace] of this.#namespaceOf) {
      if (!this.#namespaces.has(namespace)) this.#problem(key, `there is no namespace ${JSON.stringify(namespace)}`);
    }
    for (const { prefix, what } of CLAIMS) {
      for (const [key, service] of this.#held) {
        if (!key.startsWith(prefix) || this.#claims.has(key)) continue;
        this.#problem(key, `${what} ${key.slice(prefix.length)} of Service ${service} is not claimed`);
      }
    }
    if (this.#keys === 'store') return;
    for (const name of NEEDED_FILES) if (!this.#files.has(name)) this.#problem(name, 'it is missing');
  }

  #problem(where: string, what: string): void {
    this.#problemCount++;
    if (this.#problems.length < MAX_PROBLEMS) this.#problems.push(`${where}: ${what}`);
  }
}
