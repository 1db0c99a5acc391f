import { secondsOf, type UnixSeconds } from '../../base/clock.js';
import { printable } from '../../base/printable.js';
import type { CertificateSigningRequest } from '../../certificates/certificate-signing-request.js';
import { normaliseRequest, type NormalisedRequest, type Requester } from '../../certificates/normalised-request.js';
import { APPROVAL_POLICIES, CERTIFICATE_RECORDS } from '../../client/resources.js';
import { sha256 } from '../../crypto/digest.js';
import { formatTime } from '../../kube/time.js';
import { compileOrExplain } from '../../policy/compile-policy.js';
import { decideApproval } from '../../policy/decide-approval.js';
import type { ExpressionEngine } from '../../policy/expression.js';
import type { Facts } from '../../policy/facts.js';
import { identify } from '../../policy/identity.js';
import { createPolicySet, type PolicySet } from '../../policy/policy-set.js';
import { requestedNames } from '../../policy/record.js';
import type { ApprovalSettings } from '../../policy/settings.js';
import type { Decision } from '../../policy/verdict.js';
import { describePublicKey } from '../../x509/public-key.js';
import { type DecodedRequest, decodeRequest } from '../decoded-request.js';
import type { Environment } from '../environment.js';
import type { RawFlags } from '../flags.js';
import { shownName } from '../request-fields.js';
import type { CarefulReader } from './careful-reader.js';
import { explainDecision } from './explain-policies.js';
import { explainRequester } from './explain-requester.js';
import { explainState, findRecord } from './explain-state.js';
import type {
  ExplainedCleaning,
  ExplainedPolicies,
  ExplainedRequest,
  ExplainedRequester,
  Explanation,
} from './explanation.js';
import { findLastWord } from './last-word.js';
import { createLiveFacts } from './live-facts.js';
import { nextSteps } from './next-steps.js';
import { findPermissions } from './permissions.js';
import { findApprover, findSigner, readHeartbeats, settingsOfApprover } from './programs.js';
import { signingRefusals } from './signing-outlook.js';

/** What `explain` gets from the rest of the program. */
export interface ExplainParts {
  readonly loadEngine: () => Promise<ExpressionEngine>;
  /** What the approver is told about its cluster, by the same flags. */
  readonly settingsOf: (flags: RawFlags) => ApprovalSettings;
  /** When the cleaner deletes a request: after the earliest of these. */
  readonly deadlinesOf: (
    csr: CertificateSigningRequest,
  ) => readonly { readonly after: UnixSeconds; readonly because: string }[];
}

/** What is explained, and with what. */
export interface ExplainInput {
  readonly csr: CertificateSigningRequest;
  readonly isSubmitted: boolean;
  readonly reader: CarefulReader;
  readonly settings: ApprovalSettings;
  /** Where signs of life are looked for where not all may be listed. */
  readonly namespace: string;
  readonly parts: ExplainParts;
  readonly environment: Environment;
}

/** Finds out everything about one request that whoever asks may see. */
export async function explainRequest(input: ExplainInput): Promise<Explanation> {
  const { csr, isSubmitted, reader, namespace, parts, environment } = input;
  const { signerName } = csr.spec;
  const now = secondsOf(environment.clock);
  const decoded = decodeRequest(csr);
  const beats = await readHeartbeats(reader, namespace);
  const settings = settingsOfApprover(input.settings, signerName, beats);
  const judged = await judge({ ...input, settings }, decoded, now);
  const signer = await findSigner(reader, signerName, beats, now);
  const record = isSubmitted ? await findRecord(reader, csr) : undefined;
  const isUnrecorded = record === undefined && !reader.isHidden('get', CERTIFICATE_RECORDS);
  const state = explainState(csr, { isSubmitted, isUnrecorded });
  const question = {
    name: csr.metadata.name ?? '',
    signerName,
    requester: requesterOf(csr),
    isSubmitted,
    isPending: state.kind === 'pending',
  };
  const permissions = await findPermissions(reader, question);
  const isOpen = state.kind !== 'issued' && state.kind !== 'denied' && state.kind !== 'failed';
  const said = await findLastWord(reader, csr);
  const cleaning = isSubmitted ? cleaningOf(csr, parts) : undefined;
  const explained: Omit<Explanation, 'next'> = {
    request: requestOf(csr, decoded, judged.request),
    requester: judged.requester,
    state,
    ...(record === undefined ? {} : { record }),
    policies: judged.policies,
    ...(said === undefined ? {} : { said }),
    approver: findApprover(signerName, beats, now),
    signer,
    permissions,
    refusals:
      decoded.kind === 'request' && isOpen
        ? signingRefusals({ signerName, request: decoded.request, usages: csr.spec.usages ?? [], signer })
        : [],
    ...(cleaning === undefined ? {} : { cleaning }),
    unread: reader.unread,
  };
  return { ...explained, next: nextSteps(explained, environment.program) };
}

interface Judged {
  readonly requester: ExplainedRequester;
  readonly policies: ExplainedPolicies;
  /** Absent where it cannot be read. */
  readonly request?: NormalisedRequest;
}

/** Who asks, and what policies say. */
async function judge(input: ExplainInput, decoded: DecodedRequest, now: UnixSeconds): Promise<Judged> {
  const { csr, reader, settings } = input;
  const requester = requesterOf(csr);
  const live = createLiveFacts(reader, requester);
  const identity = await live.think((facts) => identify(requester, facts));
  const isHidden = live.isBlind((facts) => identify(requester, facts));
  const explained = explainRequester(requester, identity, isHidden);
  const notAsked = (because: string): Pick<Judged, 'requester' | 'policies'> => {
    return { requester: explained, policies: { kind: 'notAsked', because } };
  };
  if (decoded.kind === 'unreadable') return notAsked('no policy looks at what cannot be read');
  const request = normaliseRequest(csr, decoded.request, sha256);
  if (decoded.signatureProblem !== undefined) {
    return { ...notAsked('no policy looks at a request whose signature does not verify'), request };
  }
  const policies = await readPolicies(input);
  if (policies === undefined) return { ...notAsked('you may not look at them'), request };
  if (isHidden) return { ...notAsked('what they say depends on who asks, which you may not look at'), request };
  const decide = (facts: Facts, set: PolicySet): Decision =>
    decideApproval({ request, identity, facts, policies: set, settings, now });
  const decision = await live.think((facts) => decide(facts, policies));
  const blind = policies
    .forSigner(request.signerName)
    .filter((policy) => live.isBlind((facts) => decide(facts, createPolicySet([policy]))))
    .map(({ reference }) => reference.name);
  return { requester: explained, policies: explainDecision(decision, request, new Set(blind)), request };
}

function requesterOf({ spec }: CertificateSigningRequest): Requester {
  const { username = '', uid = '', groups = [], extra = {} } = spec;
  return { username, uid, groups, extra };
}

/** Undefined where they may not be read. A server without the kind has none. */
async function readPolicies({ reader, parts }: ExplainInput): Promise<PolicySet | undefined> {
  const found = await reader.list(APPROVAL_POLICIES, 'what policies say is not known');
  if (reader.isHidden('list', APPROVAL_POLICIES)) return undefined;
  const live = (found ?? []).filter(({ metadata }) => (metadata.deletionTimestamp ?? null) === null);
  if (live.length === 0) return createPolicySet([]);
  const engine = await parts.loadEngine();
  return createPolicySet(live.map((policy) => compileOrExplain(policy, engine)));
}

function requestOf(
  csr: CertificateSigningRequest,
  decoded: DecodedRequest,
  request: NormalisedRequest | undefined,
): ExplainedRequest {
  const { metadata, spec } = csr;
  const { creationTimestamp } = metadata;
  return {
    name: metadata.name ?? '',
    uid: metadata.uid ?? '',
    signerName: spec.signerName,
    ...(creationTimestamp === undefined || creationTimestamp === null ? {} : { created: creationTimestamp }),
    usages: spec.usages ?? [],
    ...(spec.expirationSeconds === undefined ? {} : { expirationSeconds: spec.expirationSeconds }),
    content: contentOf(decoded, request),
  };
}

function contentOf(decoded: DecodedRequest, request: NormalisedRequest | undefined): ExplainedRequest['content'] {
  if (decoded.kind === 'unreadable') return decoded;
  const { signatureProblem } = decoded;
  return {
    kind: 'read',
    subject: shownName(decoded.request.subject),
    names: request === undefined ? [] : requestedNames(request).map(({ type, value }) => ({ type, value })),
    key: describePublicKey(decoded.request.publicKey),
    ...(signatureProblem === undefined ? {} : { signatureProblem }),
    findings: (request?.findings ?? []).map(({ path, detail }) => ({ path, detail: printable(detail) })),
  };
}

function cleaningOf(csr: CertificateSigningRequest, parts: ExplainParts): ExplainedCleaning | undefined {
  const [first] = [...parts.deadlinesOf(csr)].sort((a, b) => a.after - b.after);
  return first === undefined ? undefined : { after: formatTime(first.after), because: first.because };
}
