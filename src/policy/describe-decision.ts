import { byteLength } from '../kube/names.js';
import type { FactsStanding } from './facts.js';
import { describeIdentity, type Identity } from './identity.js';
import { listed } from './proof-context.js';
import { shownText } from './shown-text.js';
import type { GrantedName, PolicyReference, PolicyReview, Violation } from './verdict.js';

/** Longest message, in bytes: what an Event holds. */
const MAX_MESSAGE_BYTES = 1024;

/**
 * Why a request is approved, for people: `approved by policy workload-serving: 2 DNS names and 1 IP belong to pod
 * shop/web-7f, serving Service shop/web`.
 */
export function describeApproval(policy: PolicyReference, names: readonly GrantedName[], identity: Identity): string {
  const isProven = ({ evidence }: GrantedName): boolean => evidence.every(({ kind }) => kind !== 'ApprovalPolicy');
  const alternative = names.filter(({ path }) => path.startsWith('request.subjectAltNames'));
  const proven = alternative.filter(isProven);
  const explicit = alternative.filter((name) => !isProven(name));
  const parts: string[] = [];
  if (proven.length > 0) {
    const services = new Set(proven.flatMap(({ evidence }) => evidence.flatMap(serviceText)));
    const serving = services.size === 0 ? '' : `, serving ${listed([...services].sort())}`;
    parts.push(`${countText(proven)} ${verb(proven, 'belong')} to ${describeIdentity(identity)}${serving}`);
  }
  if (explicit.length > 0) {
    parts.push(`${countText(explicit)} ${verb(explicit, 'be')} granted by the policy itself`);
  }
  if (alternative.length === 0) {
    const subject = names.map(({ type, value }) => `${type}=${shownText(value)}`);
    parts.push(`the subject ${listed(subject)} is granted: ${names[0]?.because ?? ''}`);
  }
  return bounded(`approved by policy ${policy.name}: `, parts);
}

function serviceText({ kind, namespace, name }: GrantedName['evidence'][number]): readonly string[] {
  return kind === 'Service' ? [`Service ${namespace ?? ''}/${name}`] : [];
}

const PLURALS: ReadonlyMap<string, readonly [one: string, many: string]> = new Map([
  ['DNS', ['DNS name', 'DNS names']],
  ['IP', ['IP', 'IPs']],
  ['URI', ['URI', 'URIs']],
  ['Email', ['email address', 'email addresses']],
]);

/** `2 DNS names and 1 IP`, in that order. */
function countText(names: readonly GrantedName[]): string {
  const counts: string[] = [];
  for (const [type, [one, many]] of PLURALS) {
    const count = names.filter((name) => name.type === type).length;
    if (count > 0) counts.push(`${count} ${count === 1 ? one : many}`);
  }
  return listed(counts);
}

function verb({ length }: readonly unknown[], what: 'belong' | 'be'): string {
  if (what === 'be') return length === 1 ? 'is' : 'are';
  return length === 1 ? 'belongs' : 'belong';
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
