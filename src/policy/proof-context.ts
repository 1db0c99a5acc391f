import type { NormalisedRequest } from '../certificates/normalised-request.js';
import type { Facts, ObjectFacts } from './facts.js';
import type { Identity } from './identity.js';
import type { ApprovalSettings } from './settings.js';
import type { Evidence, NameVerdict } from './verdict.js';

/** What every proof looks at. `identity` comes from the same facts. */
export interface ProofContext {
  readonly request: Pick<NormalisedRequest, 'names' | 'subject' | 'usages'>;
  readonly identity: Identity;
  readonly facts: Facts;
  readonly settings: ApprovalSettings;
}

/** The verdict that a name belongs to somebody else, or to nobody for ever. */
export function contradicted(because: string): NameVerdict {
  return { kind: 'contradicted', because };
}

/** The verdict that a name is not proven yet. */
export function unknown(because: string): NameVerdict {
  return { kind: 'unknown', because };
}

/** The object as evidence, in the version that was looked at. */
export function evidenceOf(kind: Evidence['kind'], fact: ObjectFacts & { readonly namespace?: string }): Evidence {
  const { namespace, name, uid, resourceVersion } = fact;
  return { kind, ...(namespace === undefined ? {} : { namespace }), name, uid, resourceVersion };
}

/** An object for a sentence: `pod shop/web-1`, `Service shop/web`, `node worker-1`. */
export function objectText(
  kind: string,
  { namespace, name }: { readonly namespace?: string; readonly name: string },
): string {
  return namespace === undefined ? `${kind} ${name}` : `${kind} ${namespace}/${name}`;
}

/** Most objects that a sentence names. */
const MAX_LISTED = 3;

/** Texts as a list in a sentence: `a`, `a and b`, `a, b and c`, `a, b, c and 4 more`. */
export function listed(texts: readonly string[]): string {
  const shown =
    texts.length > MAX_LISTED ? [...texts.slice(0, MAX_LISTED), `${texts.length - MAX_LISTED} more`] : texts;
  return shown.length < 2 ? shown.join('') : `${shown.slice(0, -1).join(', ')} and ${shown.at(-1) ?? ''}`;
}

/** The verdict for a kind of name that only a pod proves, where the identity is no pod. */
export function onlyPods(identity: Exclude<Identity, { kind: 'pod' }>): NameVerdict {
  switch (identity.kind) {
    case 'serviceAccount':
      return unknown(
        `only a pod proves it; service account ${identity.namespace}/${identity.name} did not ask as one: ${identity.because}`,
      );
    case 'node':
      return unknown(`only a pod proves it; node ${identity.nodeName} asks`);
    case 'user':
      return unknown(
        `only a pod proves it; a user asks${identity.because === undefined ? '' : `, no service account: ${identity.because}`}`,
      );
  }
}
