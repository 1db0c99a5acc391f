import { apiVersionOf } from '../../kube/object-meta.js';
import type { ReviewResource } from '../reviews/review-resource.js';
import type { ServedResource } from '../served-resource.js';

/** Which kinds exist in which version, so that a wrong body is refused in the words of the API server. */
export class KnownKinds {
  readonly #kinds = new Set<string>();
  readonly #groups = new Set<string>();

  constructor(resources: readonly ServedResource[], reviews: readonly ReviewResource[]) {
    for (const { resource } of resources) {
      this.#add(resource.group, resource.version, resource.kind);
      for (const sub of Object.values(resource.subresources ?? {})) {
        if (sub.kind === 'create') this.#add(sub.group, sub.version, sub.requestKind);
      }
    }
    for (const review of reviews) this.#add(review.group, review.version, review.kind);
  }

  #add(group: string, version: string, kind: string): void {
    this.#kinds.add(`${apiVersionOf(group, version)} ${kind}`);
    this.#groups.add(`${group} ${kind}`);
  }

  has(apiVersion: string, kind: string): boolean {
    return this.#kinds.has(`${apiVersion} ${kind}`);
  }

  /** Whether it is a pre-release version of a kind that is served: known by name, and no longer spoken. */
  hadEarlier(group: string, version: string, kind: string): boolean {
    return /^v\d+(alpha|beta)\d+$/.test(version) && this.#groups.has(`${group} ${kind}`);
  }
}
