import type { Requester } from '../../certificates/normalised-request.js';
import type { Client } from '../../client/client.js';
import { SUBJECT_ACCESS_REVIEWS } from '../../client/resources.js';
import { questionKey, type AccessReview } from '../../policy/facts-snapshot.js';
import type { AccessQuestion } from '../../policy/facts.js';

/**
 * Asks whether the requester, with exactly its user, uid, groups and extra, may do what the questions say, and answers
 * with these and the earlier answers together. What does not get an answer is thrown.
 */
export async function askAuthorizer(
  client: Client,
  requester: Requester,
  questions: readonly AccessQuestion[],
  earlier: readonly AccessReview[],
  signal: AbortSignal,
): Promise<readonly AccessReview[]> {
  const reviews = new Map(earlier.map((review) => [questionKey(review.question), review]));
  for (const question of questions) {
    const key = questionKey(question);
    if (!reviews.has(key)) reviews.set(key, { question, answer: await ask(client, requester, question, signal) });
  }
  return [...reviews.values()];
}

async function ask(
  client: Client,
  { username, uid, groups, extra }: Requester,
  { verb, group, resource, subresource }: AccessQuestion,
  signal: AbortSignal,
): Promise<AccessReview['answer']> {
  const resourceAttributes = { verb, group, version: '*', resource, subresource };
  const spec = { user: username, uid, groups, extra, resourceAttributes };
  const { status } = await client.create(SUBJECT_ACCESS_REVIEWS, { metadata: {}, spec }, { signal });
  return status?.allowed === true && status.denied !== true ? 'allowed' : 'denied';
}
