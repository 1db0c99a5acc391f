import type { UnixSeconds } from '../base/clock.js';
import { decodeBase64 } from '../base/base64.js';
import { messageOf } from '../base/error.js';
import type { CertificateSigningRequest } from '../certificates/certificate-signing-request.js';
import type { CoreEvent } from '../client/core-objects.js';
import { humanDuration } from '../kube/human-duration.js';
import { parseTime } from '../kube/time.js';
import { certificateFields } from './certificate-fields.js';
import { type DecodedRequest, decodeRequest } from './decoded-request.js';
import { printable } from '../base/printable.js';
import { certificatesOf } from './read-certificates.js';
import { alternativeNameFields, requestFields, type ShownField, shownName } from './request-fields.js';
import { conditionText } from '../certificates/conditions.js';
import { conditionReason, requestState } from './request-state.js';
import { shellWord } from './shell-word.js';
import { shownTime } from './shown-time.js';
import { formatFields, formatTable } from './text-table.js';

/** Everything about a request for a person who has to decide about it. */
export function describeRequest(
  csr: CertificateSigningRequest,
  events: readonly CoreEvent[] | undefined,
  now: UnixSeconds,
): string {
  const decoded = decodeRequest(csr);
  return [
    formatFields(headFields(csr, now)),
    `\nPKCS#10 request:\n${formatFields(decodedFields(decoded), '  ')}`,
    conditionSection(csr, now),
    certificateSection(csr, now),
    warningSection(csr, decoded),
    eventSection(events, now),
  ].join('');
}

function headFields(csr: CertificateSigningRequest, now: UnixSeconds): readonly ShownField[] {
  const { metadata, spec } = csr;
  const created = parseTime(metadata.creationTimestamp ?? '');
  const groups = spec.groups ?? [];
  return [
    ['Name', printable(metadata.name ?? '')],
    ['Labels', pairs(metadata.labels)],
    ['Annotations', pairs(metadata.annotations)],
    ['Created', created === undefined ? '<unknown>' : shownTime(created, now)],
    ['Requesting user', printable(spec.username ?? '')],
    ['Groups', groups.length === 0 ? '<none>' : groups.map(printable).join('\n')],
    ['Signer', printable(spec.signerName)],
    [
      'Requested duration',
      spec.expirationSeconds === undefined ? "<the signer's default>" : humanDuration(spec.expirationSeconds * 1000),
    ],
    ['Usages', (spec.usages ?? []).map(printable).join(', ')],
    ['Status', conditionText(csr)],
  ];
}

function pairs(map: Readonly<Record<string, string>> | undefined): string {
  const entries = Object.entries(map ?? {});
  return entries.length === 0 ? '<none>' : entries.map(([key, value]) => printable(`${key}=${value}`)).join('\n');
}

function decodedFields(decoded: DecodedRequest): readonly ShownField[] {
  if (decoded.kind === 'unreadable') return [['Unreadable', printable(decoded.detail)]];
  const { request, signatureProblem } = decoded;
  return [
    ['Subject', shownName(request.subject)],
    ...alternativeNameFields(request.subjectAltNames),
    ...requestFields(request, signatureProblem),
  ];
}

function conditionSection(csr: CertificateSigningRequest, now: UnixSeconds): string {
  const conditions = csr.status.conditions ?? [];
  if (conditions.length === 0) return '';
  const rows = conditions.map((condition) => {
    const at = parseTime(condition.lastUpdateTime ?? '');
    const when = at === undefined ? '<unknown>' : `${humanDuration((now - at) * 1000)} ago`;
    return [printable(condition.type), printable(condition.status), when, printable(conditionReason(condition))];
  });
  return `\nConditions:\n${indented(formatTable(['TYPE', 'STATUS', 'WHEN', 'WHY'], rows))}`;
}

function certificateSection(csr: CertificateSigningRequest, now: UnixSeconds): string {
  const text = csr.status.certificate ?? '';
  if (text === '') return '';
  const decoded = decodeBase64(text);
  if (decoded.kind === 'invalid') return '\nCertificate: no base64\n';
  try {
    const [leaf] = certificatesOf(decoded.bytes, 'status.certificate');
    if (leaf === undefined) return '\nCertificate: no certificate in it\n';
    return `\nCertificate:\n${formatFields(certificateFields(leaf, now), '  ')}`;
  } catch (error) {
    return `\nCertificate: ${printable(messageOf(error))}\n`; // shown, not thrown: the rest is still worth reading
  }
}

function warningSection(csr: CertificateSigningRequest, decoded: DecodedRequest): string {
  const warnings =
    decoded.kind === 'unreadable' ? [] : decoded.findings.map((f) => `${f.path}: ${printable(f.detail)}`);
  if (requestState(csr).kind === 'issued' || warnings.length === 0) return '';
  return `\nWarnings (a countersign signer refuses to sign this):\n${warnings.map((warning) => `  ${warning}\n`).join('')}`;
}

function eventSection(events: readonly CoreEvent[] | undefined, now: UnixSeconds): string {
  if (events === undefined) return '\nEvents: <not permitted>\n';
  if (events.length === 0) return '\nEvents: <none>\n';
  const rows = events.map((event) => {
    const at = parseTime(event.lastTimestamp ?? event.firstTimestamp ?? event.metadata.creationTimestamp ?? '');
    return [
      printable(event.type ?? ''),
      printable(event.reason ?? ''),
      at === undefined ? '<unknown>' : humanDuration((now - at) * 1000),
      printable(event.source?.component ?? event.reportingComponent ?? ''),
      printable(event.message ?? ''),
    ];
  });
  return `\nEvents:\n${indented(formatTable(['TYPE', 'REASON', 'AGE', 'FROM', 'MESSAGE'], rows))}`;
}

function indented(text: string): string {
  return text.replace(/^(?=.)/gm, '  ');
}

/** What has to happen next to a request, and the command that does it. */
export function nextStep(csr: CertificateSigningRequest, program: string): string {
  const name = shellWord(csr.metadata.name ?? '');
  const signerName = printable(csr.spec.signerName);
  const state = requestState(csr);
  switch (state.kind) {
    case 'pending':
      return (
        `Next: somebody who may approve for ${signerName} runs: ${program} approve ${name}, or: ${program} deny ${name}\n` +
        `What policies say of it, and what it waits for: ${program} explain ${name}`
      );
    case 'approved':
      return `Next: signer ${signerName} signs it. If it does not, is it running? ${program} explain ${name} tells; to run one: ${program} controller --signer ${signerName} --ca ca.pem --ca-key ca-key.pem`;
    case 'denied':
      return `This request was denied and stays so: ${printable(conditionReason(state.by))}`;
    case 'failed':
      return `This request cannot be signed: ${printable(conditionReason(state.by))}. Make a new one under another name.`;
    case 'issued':
      return `To fetch the certificate: ${program} get ${name} -o certificate > ${name}.crt`;
  }
}
