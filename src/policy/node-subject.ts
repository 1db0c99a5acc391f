import type { SubjectValue } from '../certificates/normalised-request.js';
import { isDnsSubdomain } from '../kube/names.js';
import { ATTRIBUTE } from '../x509/name.js';
import { shownText } from './shown-text.js';

/** What a subject is, as far as it may be that of a node. */
export type NodeSubject =
  | { readonly kind: 'node'; readonly nodeName: string; readonly username: string }
  /** Its CN says that it were a node's. */
  | { readonly kind: 'malformed'; readonly because: string }
  | { readonly kind: 'other' };

const PREFIX = 'system:node:';

/** Reads a subject: a node's has the CN `system:node:<name>` once, the O `system:nodes` once, and nothing else. */
export function nodeSubjectOf(subject: readonly SubjectValue[]): NodeSubject {
  const names = valuesOf(subject, ATTRIBUTE.commonName);
  const username = names.find((name) => name.startsWith(PREFIX));
  if (username === undefined) return { kind: 'other' };
  const malformed = (because: string): NodeSubject => ({ kind: 'malformed', because });
  if (names.length !== 1) return malformed(`the subject has ${names.length} common names, must have one`);
  const nodeName = username.slice(PREFIX.length);
  if (!isDnsSubdomain(nodeName)) return malformed(`no node can be called ${shownText(nodeName)}`);
  const organizations = valuesOf(subject, ATTRIBUTE.organization);
  if (organizations.length !== 1 || organizations[0] !== 'system:nodes') {
    return malformed('the organization of a node is system:nodes and no other');
  }
  const other = subject.find(({ oid }) => oid !== ATTRIBUTE.commonName && oid !== ATTRIBUTE.organization);
  if (other !== undefined) return malformed(`the subject of a node has no ${other.type}`);
  return { kind: 'node', nodeName, username };
}

function valuesOf(subject: readonly SubjectValue[], wanted: string | undefined): readonly string[] {
  return subject.filter(({ oid }) => oid === wanted).map(({ value }) => value);
}
