import type { CertificationRequest } from '../x509/certification-request.js';
import { EXTENSION, type Extension } from '../x509/extension.js';
import { formatGeneralName, formatIp, type GeneralName } from '../x509/general-name.js';
import { formatName, isEmptyName, type Name } from '../x509/name.js';
import { describePublicKey } from '../x509/public-key.js';
import { describeSignatureAlgorithm } from '../x509/signature-algorithm.js';
import { oidTitle } from './oid-titles.js';
import { printable } from '../base/printable.js';

/** A name and a value to show. */
export type ShownField = readonly [name: string, value: string];

/** A subject on one line, most specific first; `<empty>` where there is none. */
export function shownName(name: Name): string {
  return isEmptyName(name) ? '<empty>' : printable(formatName(name));
}

/** SubjectAltNames by kind, as `kubectl describe csr` groups them; every other kind too, so that none stays unseen. */
export function alternativeNameFields(names: readonly GeneralName[]): readonly ShownField[] {
  const groups = new Map<string, string[]>();
  for (const name of names) {
    const [title, text] = shownAlternativeName(name);
    const group = groups.get(title) ?? [];
    group.push(printable(text));
    groups.set(title, group);
  }
  return [...groups].map(([title, texts]) => [title, texts.join('\n')] as const);
}

function shownAlternativeName(name: GeneralName): ShownField {
  switch (name.kind) {
    case 'dns':
      return ['DNS Names', name.value];
    case 'email':
      return ['Email Addresses', name.value];
    case 'uri':
      return ['URIs', name.value];
    case 'ip':
      return ['IP Addresses', formatIp(name.bytes)];
    case 'otherName':
    case 'x400Address':
    case 'directoryName':
    case 'ediPartyName':
    case 'registeredId':
    case 'unknown':
      return ['Other Names', formatGeneralName(name)];
  }
}

/** Key, signature and extensions of a PKCS#10. */
export function requestFields(request: CertificationRequest, signatureProblem?: string): readonly ShownField[] {
  const signature = describeSignatureAlgorithm(request.signatureAlgorithm);
  const extensions = request.extensions.filter((extension) => extension.oid !== EXTENSION.subjectAltName);
  return [
    ['Key', describePublicKey(request.publicKey)],
    [
      'Signature',
      signatureProblem === undefined ? `${signature}, valid` : `${signature}, NOT VALID: ${signatureProblem}`,
    ],
    ...(extensions.length === 0
      ? []
      : [['Also requested', extensions.map((extension) => shownExtension(extension)).join('\n')] as const]),
  ];
}

function shownExtension(extension: Extension): string {
  return `${oidTitle(extension.oid)}${extension.critical ? ' (critical)' : ''}`;
}
