import { formatIp, parseIp } from '../base/ip-address.js';
import {
  lowerAscii,
  requestedCommonName,
  type RequestedName,
  type SubjectValue,
} from '../certificates/normalised-request.js';
import { ATTRIBUTE } from '../x509/name.js';
import type { CompiledPolicy } from './compiled-policy.js';
import { listedGrant } from './explicit-names.js';
import { contradicted, unknown } from './proof-context.js';
import { proveKubeletClient } from './prove-kubelet-client.js';
import { proveNodeSubject } from './prove-node.js';
import { reservedBecause } from './reserved-names.js';
import type { ReviewContext, ReviewNotes } from './review-context.js';
import { noteVerdict } from './review-names.js';
import { shownText } from './shown-text.js';
import type { NameVerdict } from './verdict.js';
import { broken } from './violations.js';

/**
 * Notes what a policy says of the subject, after the names. A node's subject is proven as a whole. Of any other the common
 * name must be one of the names that are granted, and every other value one that the policy lists.
 */
export function reviewSubject(policy: CompiledPolicy, context: ReviewContext, notes: ReviewNotes): void {
  const { request } = context;
  const commonName = requestedCommonName(request);
  if (policy.subject.commonName === 'Forbidden' && commonName !== undefined) {
    notes.violations.push(broken(`request.${commonName.path}`, 'the policy takes no common name'));
  }
  if (policy.subject.commonName === 'Required' && commonName === undefined) {
    notes.violations.push(broken('request.subject', 'it has no common name, and the policy requires one'));
  }
  if (request.names.length === 0 && commonName === undefined) {
    notes.violations.push(broken('request.subjectAltNames', 'the request asks for no name'));
  }
  if (request.subject.length === 0) return;
  const whole = nodeSubjectVerdict(policy, context);
  if (whole?.kind === 'needs') {
    notes.questions.push(whole.question);
    return;
  }
  for (const value of request.subject) {
    const verdict = whole?.kind === 'proven' ? whole : reviewValue(value, whole, policy, context, notes);
    if (verdict !== undefined) noteVerdict(value.type, value.value, `request.${value.path}`, verdict, notes);
  }
}

/** What is said of the subject as that of a node; undefined where it is none, or the policy grants none. */
function nodeSubjectVerdict({ names }: CompiledPolicy, context: ReviewContext): NameVerdict | undefined {
  const own = names.ownNode ? proveNodeSubject(context) : undefined;
  if (own?.kind === 'proven' || !names.provable.has('KubeletClient')) return own;
  const client = proveKubeletClient(context);
  return client?.kind === 'contradicted' ? (own ?? client) : (client ?? own);
}

/** The verdict about one value; undefined where a violation of its own was noted. */
function reviewValue(
  value: SubjectValue,
  whole: NameVerdict | undefined,
  policy: CompiledPolicy,
  context: ReviewContext,
  notes: ReviewNotes,
): NameVerdict | undefined {
  const reserved = reservedBecause(value, context);
  if (reserved !== undefined) {
    // No other value is one of reservedNames: a DNS name that is listed there is not somebody's username.
    return policy.names.reservedNames.has(value.value)
      ? listedGrant('reservedNames', policy)
      : (whole ?? contradicted(reserved));
  }
  if (value.oid === ATTRIBUTE.commonName) return reviewCommonName(value, context, notes);
  if (policy.subject.values.get(value.oid)?.has(value.value) === true) return listedGrant('subject', policy);
  const detail = `${value.type} ${shownText(value.value)}: the policy grants no such value`;
  notes.violations.push(broken(`request.${value.path}`, detail));
  return undefined;
}

/** A common name is granted where it is one of the names, in the spelling that names of its type have. */
function reviewCommonName(
  { value, path }: SubjectValue,
  { request }: ReviewContext,
  notes: ReviewNotes,
): NameVerdict | undefined {
  const same = request.names.filter(isNameOf(value));
  for (const { path: namePath } of same) {
    const granted = notes.names.find((name) => name.path === `request.${namePath}`);
    if (granted !== undefined) {
      const { grantedBy, because, evidence } = granted;
      return { kind: 'proven', grantedBy, because, evidence };
    }
  }
  if (same[0] !== undefined) return unknown(`it waits for request.${same[0].path}`);
  const detail = `CN ${shownText(value)}: it is not one of the names that the request asks for`;
  notes.violations.push(broken(`request.${path}`, detail));
  return undefined;
}

function isNameOf(commonName: string): (name: RequestedName) => boolean {
  const lower = lowerAscii(commonName);
  const octets = parseIp(commonName);
  const ip = octets === undefined ? undefined : formatIp(octets);
  return ({ type, text }) => {
    switch (type) {
      case 'dns':
        return text === lower;
      case 'ip':
        return text === ip;
      case 'uri':
      case 'email':
        return text === commonName;
    }
  };
}
