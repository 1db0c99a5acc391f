import type { RequestedName } from '../certificates/normalised-request.js';
import type { CompiledPolicy } from './compiled-policy.js';
import { explicitGrant, listedGrant } from './explicit-names.js';
import { contradicted } from './proof-context.js';
import { proveNodeName } from './prove-node.js';
import type { ReviewContext, ReviewNotes } from './review-context.js';
import { shownText } from './shown-text.js';
import type { NameVerdict } from './verdict.js';
import { broken } from './violations.js';

/** How messages, records and violations call the types of names. */
export const NAME_TYPES: Readonly<Record<RequestedName['type'], string>> = {
  dns: 'DNS',
  ip: 'IP',
  uri: 'URI',
  email: 'Email',
};

/**
 * Notes what a policy says of every name that is asked for. Of a request with more names than the policy takes, only as
 * many are looked at: it is not granted whatever the others are.
 */
export function reviewNames(policy: CompiledPolicy, context: ReviewContext, notes: ReviewNotes): void {
  const { names } = context.request;
  const { maxCount } = policy.names;
  if (names.length > maxCount) {
    notes.violations.push(broken('request.subjectAltNames', `there are ${names.length} names, at most ${maxCount}`));
  }
  for (const name of names.length > maxCount ? names.slice(0, maxCount) : names) {
    const verdict = reviewName(name, policy, context);
    if (verdict === undefined) {
      const detail = `${nameText(name)}: the policy grants no such name`;
      notes.violations.push(broken(`request.${name.path}`, detail));
    } else noteVerdict(NAME_TYPES[name.type], name.text, `request.${name.path}`, verdict, notes);
  }
}

/** Notes one verdict about a name, or about a value of the subject. */
export function noteVerdict(
  type: string,
  value: string,
  path: string,
  verdict: NameVerdict,
  { names, violations, questions }: ReviewNotes,
): void {
  switch (verdict.kind) {
    case 'proven': {
      const { grantedBy, because, evidence } = verdict;
      names.push({ type, value, path, grantedBy, because, evidence });
      return;
    }
    case 'contradicted':
    case 'unknown':
      violations.push({ path, detail: `${type} ${shownText(value)}: ${verdict.because}`, kind: verdict.kind });
      return;
    case 'needs':
      questions.push(verdict.question);
      return;
  }
}

function nameText({ type, text }: RequestedName): string {
  return `${NAME_TYPES[type]} ${shownText(text)}`;
}

/** Whether a policy grants a name, and if not, why; undefined where nothing in it is about such a name. */
function reviewName(name: RequestedName, policy: CompiledPolicy, context: ReviewContext): NameVerdict | undefined {
  const { names } = policy;
  if (names.reservedNames.has(name.text)) return listedGrant('reservedNames', policy);
  const reserved = context.reserved(name);
  if (reserved !== undefined) return contradicted(reserved);
  if (name.type === 'dns' && name.text.includes('*')) {
    return names.wildcards.has(name.text) ? listedGrant('wildcards', policy) : undefined;
  }
  let verdict: NameVerdict | undefined;
  for (const say of WAYS) {
    const said = say(name, policy, context);
    if (said?.kind === 'proven') return said;
    // What may change by itself is worth waiting for, whatever else is said.
    if (verdict === undefined || verdict.kind === 'contradicted') verdict = said ?? verdict;
  }
  return verdict;
}

/** The ways to a name, in the order in which they are tried. */
const WAYS: readonly ((
  name: RequestedName,
  policy: CompiledPolicy,
  context: ReviewContext,
) => NameVerdict | undefined)[] = [
  (name, { names }, context) => context.proof(name, names),
  (name, { names }, context) => proveNodeName(name, names, context),
  explicitGrant,
];
