import { byteLength } from '../kube/names.js';
import type { FactsStanding } from './facts.js';
import { describeIdentity, type Identity } from './identity.js';
import { listed } from './proof-context.js';
import { shownText } from './shown-text.js';
import type { Evidence, GrantedName, PolicyReference, PolicyReview, Violation } from './verdict.js';

/** Longest message, in bytes: what an Event holds. */
const MAX_MESSAGE_BYTES = 1024;

/**
 * Why a request is approved, for people: `approved by policy workload-serving: 2 DNS names and 1 IP belong to pod
 * shop/web-7f, serving Service shop/web`.
 */
export function describeApproval(policy: PolicyReference, names: readonly GrantedName[], identity: Identity): string {
  const proven: Counts = { DNS: 0, IP: 0, URI: 0, Email: 0 };
  const explicit: Counts = { DNS: 0, IP: 0, URI: 0, Email: 0 };
  const services = new Set<string>();
  for (const { type, path, evidence } of names) {
    if (!path.startsWith('request.subjectAltNames') || !isCounted(type)) continue;
    if (evidence.some(isPolicy)) explicit[type]++;
    else proven[type]++;
    for (const { kind, namespace = '', name } of evidence) {
      if (kind === 'Service') services.add(`Service ${namespace}/${name}`);
    }
  }
  const parts: string[] = [];
  const provenCount = total(proven);
  if (provenCount > 0) {
    const serving = services.size === 0 ? '' : `, serving ${listed([...services].sort())}`;
    const belong = provenCount === 1 ? 'belongs' : 'belong';
    parts.push(`${countText(proven)} ${belong} to ${describeIdentity(identity)}${serving}`);
  }
  const explicitCount = total(explicit);
  if (explicitCount > 0) {
    parts.push(`${countText(explicit)} ${explicitCount === 1 ? 'is' : 'are'} granted by the policy itself`);
  }
  if (parts.length === 0) {
    const subject = names.map(({ type, value }) => `${type}=${shownText(value)}`);
    parts.push(`the subject ${listed(subject)} is granted: ${names[0]?.because ?? ''}`);
  }
  return bounded(`approved by policy ${policy.name}: `, parts);
}

/** Types of names as messages count them, in this order. */
const COUNTED = {
  DNS: ['DNS name', 'DNS names'],
  IP: ['IP', 'IPs'],
  URI: ['URI', 'URIs'],
  Email: ['email address', 'email addresses'],
} as const;

const COUNTED_TYPES = ['DNS', 'IP', 'URI', 'Email'] as const;

type Counts = Record<keyof typeof COUNTED, number>;

function isCounted(type: string): type is keyof Counts {
  return Object.hasOwn(COUNTED, type);
}

function isPolicy({ kind }: Evidence): boolean {
  return kind === 'ApprovalPolicy';
}

function total({ DNS, IP, URI, Email }: Counts): number {
  return DNS + IP + URI + Email;
}

/** `2 DNS names and 1 IP`. */
function countText(counts: Counts): string {
  const texts: string[] = [];
  for (const type of COUNTED_TYPES) {
    const count = counts[type];
    if (count > 0) texts.push(`${count} ${COUNTED[type][count === 1 ? 0 : 1]}`);
  }
  return listed(texts);
}

/** Why a request is denied, for people: `denied by policy workload-serving: spec.usages[1]: …; request.subject…`. */
export function describeDenial(policies: readonly PolicyReference[], violations: readonly Violation[]): string {
  const names = listed(policies.map(({ name }) => name));
  const head = `denied by ${policies.length === 1 ? 'policy' : 'policies'} ${names}: `;
  return bounded(head, violations.map(violationText));
}

function violationText({ path, detail }: Violation): string {
  return `${path}: ${detail}`;
}

/** What a request waits for, for people. */
export function describeDeferral({
  standing,
  signerName,
  reviews,
}: {
  readonly standing: FactsStanding;
  readonly signerName: string;
  readonly reviews: readonly PolicyReview[];
}): string {
  switch (standing.kind) {
    case 'syncing':
      return bounded('waits for what has not been read yet: ', [listed([...standing.resources].sort())]);
    case 'silent':
      return `waits: nothing has been heard of ${standing.resource} for ${standing.seconds} seconds`;
    case 'fresh':
      break;
  }
  const enforced = reviews.filter(({ mode }) => mode === 'Enforce');
  if (enforced.length === 0) return `waits for a person: no policy is for signer ${shownText(signerName)}`;
  const asked = enforced.filter((review) => review.kind !== 'noMatch' || review.mayChange);
  if (asked.length === 0) return bounded('waits for a person: no policy matches: ', enforced.map(reviewText));
  const waits = asked.some((review) => review.kind !== 'violated' || review.violations.every(isUnknown));
  return bounded(waits ? 'waits: ' : 'waits for a person: ', asked.map(reviewText));
}

function isUnknown({ kind }: Violation): boolean {
  return kind === 'unknown';
}

function reviewText(review: PolicyReview): string {
  const policy = `policy ${review.policy.name}`;
  switch (review.kind) {
    case 'violated':
      return `${policy}: ${review.violations.map(violationText).join('; ')}`;
    case 'noMatch':
    case 'notReady':
      return `${policy} ${review.kind === 'notReady' ? 'is not ready' : 'does not match'}: ${review.because}`;
    case 'needs':
      return `${policy} waits for the authorizer`;
    case 'approve':
      return `${policy} approves`;
  }
}

/** A head and parts joined by `; `, as many as fit; the others are counted. A first part that is too long is cut. */
function bounded(head: string, parts: readonly string[]): string {
  let text = head;
  for (const [i, part] of parts.entries()) {
    const next = `${text}${i === 0 ? '' : '; '}${part}`;
    const rest = parts.length - i;
    const more = `; and ${rest} more`;
    if (byteLength(next) + (rest > 1 ? byteLength(more) : 0) <= MAX_MESSAGE_BYTES) text = next;
    else return i === 0 ? cut(next, rest > 1 ? `… and ${rest - 1} more` : '…') : `${text}${more}`;
  }
  return text;
}

/** As much of a text as leaves room for its end. */
function cut(text: string, end: string): string {
  let room = MAX_MESSAGE_BYTES - byteLength(end);
  let kept = '';
  for (const character of text) {
    room -= byteLength(character);
    if (room < 0) break;
    kept += character;
  }
  return `${kept}${end}`;
}
