import { printable } from '../base/printable.js';
import type { PolicyKey } from '../certificates/approval-policy.js';
import { describePublicKey, type PublicKeyParts } from '../x509/public-key.js';
import type { CompiledPolicy, CompiledRule } from './compiled-policy.js';
import { identityKey } from './identity.js';
import type { ReviewContext, ReviewNotes } from './review-context.js';
import { shownText } from './shown-text.js';
import type { Violation } from './verdict.js';
import { broken } from './violations.js';

const KEY_PATH = 'request.publicKey';

/** Notes what a policy has against a request, but for its names and its subject. */
export function reviewRequest(policy: CompiledPolicy, context: ReviewContext, notes: ReviewNotes): void {
  reviewFindings(context, notes);
  reviewKey(policy, context, notes);
  reviewUsages(policy, context, notes);
  reviewLifetime(policy, context, notes);
  for (const [i, rule] of policy.rules.entries()) {
    const violation = ruleViolation(rule, `rules[${i}]`, context);
    if (violation !== undefined) notes.violations.push(violation);
  }
}

/** What will never be certified, no policy can grant. */
function reviewFindings({ request }: ReviewContext, { violations }: ReviewNotes): void {
  for (const { path, detail } of request.findings) {
    violations.push(broken(path === '' ? 'request' : `request.${path}`, detail));
  }
}

function reviewKey(policy: CompiledPolicy, context: ReviewContext, { violations }: ReviewNotes): void {
  const { request, identity, facts } = context;
  const { publicKey } = request.request;
  if (!policy.keys.kinds.some((kind) => isOfKind(publicKey.key, kind))) {
    violations.push(broken(KEY_PATH, `the key is ${describePublicKey(publicKey)}, must be ${policy.keys.text}`));
  }
  const holders = facts.keyHolders(request.publicKeyDigest);
  if (holders.length === 0) return;
  // A request can be taken from whoever made it and sent again under another name; its key stays with its owner.
  const own = identityKey(identity);
  const other = holders.find((holder) => holder.identityKey !== own);
  if (other === undefined) return;
  const detail = `the key is on record for somebody else, by request ${shownText(other.requestName)}`;
  violations.push({ path: KEY_PATH, detail, kind: 'contradicted' });
}

function isOfKind(key: PublicKeyParts, { algorithm, minimumBits, curves }: PolicyKey): boolean {
  switch (key.kind) {
    case 'rsa':
      return algorithm === 'RSA' && key.bits >= (minimumBits ?? Infinity);
    case 'ecdsa':
      return algorithm === 'ECDSA' && key.curve !== 'P-224' && (curves === undefined || curves.includes(key.curve));
    case 'ed25519':
      return algorithm === 'Ed25519';
    case 'unsupported':
      return false;
  }
}

function reviewUsages({ usages }: CompiledPolicy, { request }: ReviewContext, { violations }: ReviewNotes): void {
  for (const name of usages.required) {
    if (!request.usages.includes(name)) violations.push(broken('spec.usages', `must include ${shownText(name)}`));
  }
  if (request.usages.length === 0) violations.push(broken('spec.usages', 'it is empty'));
  for (const [i, name] of request.usages.entries()) {
    if (usages.allowed.has(name)) continue;
    violations.push(broken(`spec.usages[${i}]`, `it is ${shownText(name)}, must be one of ${usages.text}`));
  }
}

function reviewLifetime(
  { maxExpirationSeconds }: CompiledPolicy,
  { request: { expirationSeconds } }: ReviewContext,
  { violations }: ReviewNotes,
): void {
  if (maxExpirationSeconds === undefined) return;
  if (expirationSeconds !== undefined && expirationSeconds <= maxExpirationSeconds) return;
  const is = expirationSeconds === undefined ? 'it is not set' : `it is ${expirationSeconds}`;
  violations.push(broken('spec.expirationSeconds', `${is}, must be at most ${maxExpirationSeconds}`));
}

/** A rule that has no value says nothing about the request: whoever asks waits. */
function ruleViolation(rule: CompiledRule, path: string, context: ReviewContext): Violation | undefined {
  const result = rule.condition.evaluate(context.variables());
  const text = `rule ${shownText(rule.name)}`;
  switch (result.kind) {
    case 'value': {
      if (result.value) return undefined;
      return broken(path, rule.message === rule.name ? `${text} is not met` : `${text} is not met: ${rule.message}`);
    }
    case 'error':
      return { path, detail: `${text} has no value: ${printable(result.message)}`, kind: 'unknown' };
    case 'exceeded':
      return { path, detail: `${text} was stopped: it takes too ${STOPPED[result.what]}`, kind: 'unknown' };
  }
}

const STOPPED = { deadline: 'long', cost: 'much' } as const;
