import type { CertificateSigningRequest } from '../../certificates/certificate-signing-request.js';
import type { CoreEvent } from '../../client/core-objects.js';
import { EVENTS } from '../../client/resources.js';
import { escapeFieldValue } from '../../client/wait-for.js';
import type { CarefulReader } from './careful-reader.js';
import type { ExplainedEvent } from './explanation.js';

/** The last Event about a request: what approver or signer told of it, such as that they may not do their work. */
export async function findLastWord(
  reader: CarefulReader,
  { metadata }: CertificateSigningRequest,
): Promise<ExplainedEvent | undefined> {
  const { name = '', uid = '' } = metadata;
  if (uid === '') return undefined;
  const fieldSelector = [
    `involvedObject.name=${escapeFieldValue(name)}`,
    'involvedObject.kind=CertificateSigningRequest',
    `involvedObject.uid=${escapeFieldValue(uid)}`,
  ].join(',');
  const events = (await reader.list(EVENTS, 'what was told about the request is not known', { fieldSelector })) ?? [];
  const [last] = events.map(told).sort((a, b) => (a.at < b.at ? 1 : -1));
  return last;
}

function told({
  metadata,
  source,
  reportingComponent,
  reason = '',
  message = '',
  ...times
}: CoreEvent): ExplainedEvent {
  const at = times.lastTimestamp ?? times.eventTime ?? times.firstTimestamp ?? metadata.creationTimestamp ?? '';
  return { by: source?.component ?? reportingComponent ?? '', reason, message, at };
}
