import type { UnixSeconds } from '../base/clock.js';
import { printable } from '../base/printable.js';
import type {
  CertificateRecord,
  CertificateRecordSpec,
  RecordedEvidence,
  RecordedName,
} from '../certificates/certificate-record.js';
import { humanDuration } from '../kube/human-duration.js';
import { parseTime } from '../kube/time.js';
import type { ShownField } from './request-fields.js';
import { shownTime } from './shown-time.js';

/** Everything that a record tells, in words. */
export function recordFields({ spec, status }: CertificateRecord, now: UnixSeconds): readonly ShownField[] {
  const { request, requester, decision } = spec;
  const lifetime = request.expirationSeconds;
  return [
    ['Decision', decisionText(spec)],
    ['Why', printable(decision.message)],
    ['Decided at', timeText(decision.decidedAt, now)],
    ['Request', `${printable(request.name)} (uid ${printable(request.uid)})`],
    ['Signer', printable(request.signerName)],
    ['Requester', printable(requester.username)],
    ['Identity', identityText(spec)],
    ['Usages', request.usages.length === 0 ? '<none>' : request.usages.map(printable).join(', ')],
    ...(lifetime === undefined ? [] : [['Lifetime', `${humanDuration(lifetime * 1000)} was asked for`] as const]),
    ['Names', spec.names.length === 0 ? '<none>' : spec.names.map(nameText).join('\n')],
    ['Public key', printable(request.publicKeyDigest)],
    ['Outcome', outcomeText(status, now)],
    ['Signed by', printable(spec.signature.keyID)],
  ];
}

/** `approved by policy workload-serving, generation 3`. */
export function decisionText({ decision }: CertificateRecordSpec): string {
  const verdict = decision.verdict === 'Approved' ? 'approved' : 'denied';
  if (decision.by === 'Other') return `${verdict} by somebody else (${printable(decision.reason)})`;
  const { policy } = decision;
  return policy === undefined
    ? `${verdict} by policy`
    : `${verdict} by policy ${printable(policy.name)}, generation ${policy.generation}`;
}

/** Who asked: `pod shop/web-7f`. */
export function identityText({ requester: { identity, username } }: CertificateRecordSpec): string {
  const { namespace = '', serviceAccountName = '', podName = '', nodeName = '' } = identity;
  switch (identity.kind) {
    case 'Pod':
      return printable(`pod ${namespace}/${podName}`);
    case 'ServiceAccount':
      return printable(`service account ${namespace}/${serviceAccountName}`);
    case 'Node':
      return printable(`node ${nodeName}`);
    case 'User':
      return printable(`user ${username}`);
  }
}

function nameText({ type, value, grantedBy, because, evidence = [] }: RecordedName): string {
  const how = grantedBy === undefined ? 'not granted' : `granted as ${printable(grantedBy)}`;
  const lines = [
    `${printable(type)} ${printable(value)}: ${how}: ${printable(because)}`,
    ...evidence.map((object) => `  seen: ${evidenceText(object)}`),
  ];
  return lines.join('\n');
}

function evidenceText({ kind, namespace, name, uid, resourceVersion }: RecordedEvidence): string {
  const where = namespace === undefined ? name : `${namespace}/${name}`;
  return printable(`${kind} ${where} (uid ${uid}, version ${resourceVersion})`);
}

const PHASES = {
  Intended: 'is to be signed',
  Issued: 'issued',
  Failed: 'failed: it is never signed',
  Denied: 'denied by somebody else: it is never signed',
  Lost: 'signed, perhaps, and never published',
} as const;

/** What came of it, which the signer writes and no signature covers. */
function outcomeText(status: CertificateRecord['status'], now: UnixSeconds): string {
  const issuance = status?.issuance;
  if (issuance === undefined) return '<none yet>';
  const { phase, serialNumber, fingerprint, notAfter, message } = issuance;
  return [
    `${PHASES[phase]} (says the API; the signature does not cover this)`,
    ...(serialNumber === undefined ? [] : [`serial number ${printable(serialNumber)}`]),
    ...(fingerprint === undefined ? [] : [`fingerprint ${printable(fingerprint)}`]),
    ...(notAfter === undefined ? [] : [`valid until ${timeText(notAfter, now)}`]),
    ...(message === undefined ? [] : [printable(message)]),
  ].join('\n');
}

function timeText(text: string, now: UnixSeconds): string {
  const time = parseTime(text);
  return time === undefined ? printable(text) : shownTime(time, now);
}
