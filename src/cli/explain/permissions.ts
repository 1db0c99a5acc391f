import { CERTIFICATES_GROUP } from '../../certificates/certificate-signing-request.js';
import type { Requester } from '../../certificates/normalised-request.js';
import type { ResourceAttributes } from '../../client/access-reviews.js';
import { SELF_SUBJECT_ACCESS_REVIEWS, SUBJECT_ACCESS_REVIEWS } from '../../client/resources.js';
import type { CarefulReader } from './careful-reader.js';
import type { ExplainedPermission } from './explanation.js';

/** What is to be found out about permissions. */
export interface PermissionQuestion {
  /** Empty for a request that was not submitted. */
  readonly name: string;
  readonly signerName: string;
  readonly requester: Requester;
  readonly isSubmitted: boolean;
  /** Whether somebody has to decide yet. */
  readonly isPending: boolean;
}

const REQUESTS = 'certificatesigningrequests';

type Ask = (attributes: ResourceAttributes) => Promise<boolean | undefined>;

/** May you decide, may the requester submit and fetch? Only what the server answers is told. */
export async function findPermissions(
  reader: CarefulReader,
  question: PermissionQuestion,
): Promise<readonly ExplainedPermission[]> {
  const found = await Promise.all([
    question.isPending ? mayApprove(askAboutMyself(reader), question) : undefined,
    ...requesterQuestions(question).map((attributes) => mayRequester(askAbout(reader, question.requester), attributes)),
  ]);
  return found.flatMap((permission) => permission ?? []);
}

function askAboutMyself(reader: CarefulReader): Ask {
  return async (resourceAttributes) => {
    const review = { metadata: {}, spec: { resourceAttributes } };
    const answer = await reader.ask(SELF_SUBJECT_ACCESS_REVIEWS, review, 'what you may do is not known');
    return answer?.status?.allowed;
  };
}

function askAbout(reader: CarefulReader, { username, uid, groups, extra }: Requester): Ask {
  return async (resourceAttributes) => {
    const spec = { user: username, uid, groups, extra, resourceAttributes };
    const review = { metadata: {}, spec };
    return (await reader.ask(SUBJECT_ACCESS_REVIEWS, review, 'what the requester may do is not known'))?.status
      ?.allowed;
  };
}

/** Two rights are needed: on the subresource, and on the signer or its domain (spec §6.1). */
async function mayApprove(
  ask: Ask,
  { name, signerName }: PermissionQuestion,
): Promise<ExplainedPermission | undefined> {
  const update = await ask({
    verb: 'update',
    group: CERTIFICATES_GROUP,
    resource: REQUESTS,
    subresource: 'approval',
    name,
  });
  const signer = await mayApproveFor(ask, signerName);
  if (update === undefined || signer === undefined) return undefined;
  const missing = [
    ...(update ? [] : [`verb "update" on ${REQUESTS}/approval`]),
    ...(signer ? [] : [`verb "approve" on signers with the name ${signerName}`]),
  ];
  const permission = { who: 'you', what: 'approve or deny it', allowed: missing.length === 0 } as const;
  return missing.length === 0
    ? permission
    : { ...permission, missing: `${missing.join(' and ')} (${CERTIFICATES_GROUP})` };
}

async function mayApproveFor(ask: Ask, signerName: string): Promise<boolean | undefined> {
  const attributes = { verb: 'approve', group: CERTIFICATES_GROUP, resource: 'signers' };
  const exact = await ask({ ...attributes, name: signerName });
  if (exact !== false) return exact;
  return ask({ ...attributes, name: `${signerName.slice(0, signerName.indexOf('/'))}/*` });
}

function requesterQuestions({ isSubmitted, name }: PermissionQuestion): readonly ResourceAttributes[] {
  const attributes = { group: CERTIFICATES_GROUP, resource: REQUESTS };
  const fetch = { ...attributes, verb: 'get', ...(name === '' ? {} : { name }) };
  return isSubmitted ? [fetch] : [{ ...attributes, verb: 'create' }, fetch];
}

async function mayRequester(ask: Ask, attributes: ResourceAttributes): Promise<ExplainedPermission | undefined> {
  const allowed = await ask(attributes);
  if (allowed === undefined) return undefined;
  const what = attributes.verb === 'create' ? 'submit it' : 'fetch its certificate';
  return allowed
    ? { who: 'requester', what, allowed }
    : { who: 'requester', what, allowed, missing: `verb "${attributes.verb}" on ${REQUESTS} (${CERTIFICATES_GROUP})` };
}
