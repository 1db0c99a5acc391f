import { failure, StatusError } from '../../kube/status.js';
import { PROTOBUF } from '../protobuf/envelope.js';
import { type AcceptClause, parseAccept } from './accept.js';

/** How an object is written. */
export type Encoding = 'json' | 'yaml' | 'protobuf';

/** What becomes of an object before it is written. */
export type Transformation =
  | { readonly kind: 'none' }
  | { readonly kind: 'Table'; readonly version: 'v1' | 'v1beta1' }
  | { readonly kind: 'PartialObjectMetadata'; readonly version: 'v1' | 'v1beta1' }
  | { readonly kind: 'PartialObjectMetadataList'; readonly version: 'v1' | 'v1beta1' };

/** The form of an answer. */
export interface Representation {
  readonly encoding: Encoding;
  readonly transformation: Transformation;
  /** `pretty=1` stands in the Accept header. */
  readonly pretty: boolean;
}

/** What an endpoint can answer with. `watch` = a stream of objects. */
export interface Offer {
  readonly shape: 'object' | 'list' | 'watch' | 'document';
  readonly table: boolean;
  readonly partialMetadata: boolean;
}

const NONE: Transformation = { kind: 'none' };

/** JSON as it is: what a client without preferences gets. */
export const PLAIN_JSON: Representation = { encoding: 'json', transformation: NONE, pretty: false };

const OBJECT_TYPES: readonly (readonly [Encoding, string])[] = [
  ['json', 'application/json'],
  ['yaml', 'application/yaml'],
  ['protobuf', PROTOBUF],
];
const STREAM_TYPES: readonly (readonly [Encoding, string])[] = [
  ['json', 'application/json'],
  ['protobuf', PROTOBUF],
];

const ALL_TYPES: string = OBJECT_TYPES.map(([, type]) => type).join(', ');
const ALL_STREAM_TYPES: string = STREAM_TYPES.map(([, type]) => `${type};stream=watch`).join(', ');

/**
 * Chooses the form of an answer from the Accept header: the first choice of the client that the endpoint can give. No
 * header means JSON. Throws 406 in the words of the router where no type fits at all, and of the handlers where only
 * the transformation does not.
 */
export function negotiate(accept: string, offer: Offer): Representation {
  if (accept === '' || accept === 'application/json' || accept === '*/*') return PLAIN_JSON;
  const clauses = parseAccept(accept);
  if (!clauses.some((clause) => OBJECT_TYPES.some(([, type]) => fits(clause, type)))) throw unroutable(offer);
  for (const clause of clauses) {
    for (const [encoding, type] of offer.shape === 'watch' ? STREAM_TYPES : OBJECT_TYPES) {
      if (!fits(clause, type)) continue;
      const chosen = representation(clause, encoding, offer);
      if (chosen !== undefined) return chosen;
    }
  }
  throw notAcceptable(offer.shape === 'watch' ? ALL_STREAM_TYPES : ALL_TYPES);
}

/** The form of a refusal: JSON where the client's wish cannot be met. */
export function negotiateError(accept: string): Encoding {
  if (!accept.includes('yaml') && !accept.includes('protobuf')) return 'json';
  for (const clause of parseAccept(accept)) {
    for (const [encoding, type] of OBJECT_TYPES) if (fits(clause, type)) return encoding;
  }
  return 'json';
}

function fits(clause: AcceptClause, type: string): boolean {
  if (clause.type === '*') return clause.subtype === '*';
  const slash = type.indexOf('/');
  if (clause.type !== type.slice(0, slash)) return false;
  return clause.subtype === '*' || clause.subtype === type.slice(slash + 1);
}

function representation(clause: AcceptClause, encoding: Encoding, offer: Offer): Representation | undefined {
  const stream = clause.parameters.get('stream');
  if (stream !== undefined && stream !== '' && (offer.shape !== 'watch' || stream !== 'watch')) return undefined;
  const transformation = transformationOf(clause, encoding, offer);
  if (transformation === undefined) return undefined;
  const pretty = clause.parameters.get('pretty') === '1';
  return !pretty && encoding === 'json' && transformation === NONE ? PLAIN_JSON : { encoding, transformation, pretty };
}

function transformationOf(clause: AcceptClause, encoding: Encoding, offer: Offer): Transformation | undefined {
  const kind = clause.parameters.get('as');
  if (kind === undefined || kind === '') return NONE;
  const version = clause.parameters.get('v');
  if (clause.parameters.get('g') !== 'meta.k8s.io' || (version !== 'v1' && version !== 'v1beta1')) return undefined;
  switch (kind) {
    case 'Table':
      return offer.table && encoding !== 'protobuf' ? { kind, version } : undefined;
    case 'PartialObjectMetadata':
      return offer.partialMetadata && offer.shape !== 'list' ? { kind, version } : undefined;
    case 'PartialObjectMetadataList':
      return offer.partialMetadata && offer.shape === 'list' ? { kind, version } : undefined;
    default:
      return undefined;
  }
}

function notAcceptable(types: string): StatusError {
  return new StatusError(failure(406, 'NotAcceptable', `only the following media types are accepted: ${types}`));
}

/** The router's refusal lists what the route may produce; list and watch share one route. */
function unroutable(offer: Offer): StatusError {
  const streams = offer.shape === 'list' || offer.shape === 'watch' ? `, ${ALL_STREAM_TYPES}` : '';
  const message = `406: Not Acceptable\n\nAvailable representations: ${ALL_TYPES}${streams}`;
  return new StatusError(failure(406, 'NotAcceptable', message, {}));
}
