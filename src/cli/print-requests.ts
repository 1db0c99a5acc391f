import type { CertificateSigningRequest } from '../certificates/certificate-signing-request.js';
import type { UnixSeconds } from '../base/clock.js';
import { toUnixSeconds } from '../base/clock.js';
import { decodeBase64 } from '../base/base64.js';
import { humanDuration } from '../kube/human-duration.js';
import { formatTime, parseTime } from '../kube/time.js';
import { parseCertificate } from '../x509/certificate.js';
import { formatGeneralName } from '../x509/general-name.js';
import { firstPemBlock } from '../x509/pem.js';
import { describePublicKey } from '../x509/public-key.js';
import { decodeRequest } from './decoded-request.js';
import type { OutputFormat } from './flags.js';
import { formatObject } from './format-object.js';
import { printable } from '../base/printable.js';
import { shownName } from './request-fields.js';
import { conditionText } from '../certificates/conditions.js';
import { formatTable } from './text-table.js';

/** How the API calls a request in `-o name` and in what approve and deny print. */
export const QUALIFIED = 'certificatesigningrequest.certificates.k8s.io';

const HEADER = ['NAME', 'AGE', 'SIGNERNAME', 'REQUESTOR', 'REQUESTEDDURATION', 'CONDITION'];
const WIDE = ['KEY', 'SUBJECT', 'NAMES', 'EXPIRES'];

/** Requests as `-o` asks for them; `single` prints one object instead of a list in json and yaml. */
export async function formatRequests(
  requests: readonly CertificateSigningRequest[],
  format: OutputFormat,
  options: { readonly now: UnixSeconds; readonly single: boolean },
): Promise<string> {
  switch (format) {
    case 'name':
      return requests.map((csr) => `${QUALIFIED}/${csr.metadata.name ?? ''}\n`).join('');
    case 'json':
    case 'yaml': {
      const items = requests.map((csr) => ({
        apiVersion: 'certificates.k8s.io/v1',
        kind: 'CertificateSigningRequest',
        ...csr,
      }));
      const [only] = items;
      const value =
        options.single && only !== undefined ? only : { apiVersion: 'v1', kind: 'List', metadata: {}, items };
      return formatObject(value, format);
    }
    case 'table':
    case 'wide': {
      const header = format === 'wide' ? [...HEADER, ...WIDE] : HEADER;
      const row = (csr: CertificateSigningRequest): readonly string[] =>
        format === 'wide' ? [...columns(csr, options.now), ...wideColumns(csr)] : columns(csr, options.now);
      return formatTable(header, requests.map(row));
    }
  }
}

/** One request as a line of a table without header, or its name. */
export function formatLine(csr: CertificateSigningRequest, format: OutputFormat, now: UnixSeconds): string {
  if (format === 'name') return `${QUALIFIED}/${csr.metadata.name ?? ''}\n`;
  const cells = format === 'wide' ? [...columns(csr, now), ...wideColumns(csr)] : columns(csr, now);
  return `${cells.join('   ')}\n`;
}

function columns(csr: CertificateSigningRequest, now: UnixSeconds): readonly string[] {
  const { spec } = csr;
  const duration = spec.expirationSeconds;
  return [
    printable(csr.metadata.name ?? ''),
    ageOf(csr, now),
    spec.signerName === '' ? '<none>' : spec.signerName,
    printable(spec.username ?? ''),
    duration === undefined ? '<none>' : humanDuration(duration * 1000),
    conditionText(csr),
  ];
}

function ageOf(csr: CertificateSigningRequest, now: UnixSeconds): string {
  const created = parseTime(csr.metadata.creationTimestamp ?? '');
  return created === undefined ? '<unknown>' : humanDuration((now - created) * 1000);
}

function wideColumns(csr: CertificateSigningRequest): readonly string[] {
  const decoded = decodeRequest(csr);
  if (decoded.kind === 'unreadable') return ['<unreadable>', '<unreadable>', '<unreadable>', expiryOf(csr)];
  const { request } = decoded;
  const names = request.subjectAltNames.map((name) => printable(formatGeneralName(name))).join(',');
  return [
    describePublicKey(request.publicKey),
    shownName(request.subject),
    names === '' ? '<none>' : names,
    expiryOf(csr),
  ];
}

function expiryOf(csr: CertificateSigningRequest): string {
  const text = csr.status.certificate ?? '';
  if (text === '') return '<none>';
  const notAfter = certificateEnd(text);
  return notAfter === undefined ? '<unreadable>' : formatTime(notAfter);
}

/** notAfter of the first certificate in status.certificate; undefined where it cannot be read. */
function certificateEnd(base64: string): UnixSeconds | undefined {
  const decoded = decodeBase64(base64);
  const block = decoded.kind === 'bytes' ? firstPemBlock(decoded.bytes) : undefined;
  if (block === undefined) return undefined;
  try {
    return toUnixSeconds(parseCertificate(block.bytes).notAfter);
  } catch {
    return undefined; // an unreadable certificate is shown as such; inspect says what is wrong with it
  }
}
