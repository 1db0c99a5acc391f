import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StatusError } from '../../kube/status.js';
import { negotiate, negotiateError, type Offer } from './negotiate.js';

const OBJECT: Offer = { shape: 'object', table: true, partialMetadata: true };
const NO_TABLE: Offer = { shape: 'object', table: false, partialMetadata: true };
const LIST: Offer = { shape: 'list', table: true, partialMetadata: true };
const WATCH: Offer = { shape: 'watch', table: true, partialMetadata: true };
const TYPES = 'application/json, application/yaml, application/vnd.kubernetes.protobuf';
const STREAMS = 'application/json;stream=watch, application/vnd.kubernetes.protobuf;stream=watch';
const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io';

const REFUSALS: readonly {
  readonly name: string;
  readonly accept: string;
  readonly offer: Offer;
  readonly message: string;
}[] = [
  {
    name: 'another type for an object',
    accept: 'image/png',
    offer: OBJECT,
    message: `406: Not Acceptable\n\nAvailable representations: ${TYPES}`,
  },
  {
    name: 'another type for a list',
    accept: 'image/png',
    offer: LIST,
    message: `406: Not Acceptable\n\nAvailable representations: ${TYPES}, ${STREAMS}`,
  },
  {
    name: 'a type with quality 0',
    accept: 'application/json;q=0',
    offer: OBJECT,
    message: `406: Not Acceptable\n\nAvailable representations: ${TYPES}`,
  },
  {
    name: 'no media range at all',
    accept: 'a/b/c, /',
    offer: OBJECT,
    message: `406: Not Acceptable\n\nAvailable representations: ${TYPES}`,
  },
  {
    name: 'CBOR',
    accept: 'application/cbor',
    offer: OBJECT,
    message: `406: Not Acceptable\n\nAvailable representations: ${TYPES}`,
  },
  {
    name: 'a Table where there is none',
    accept: TABLE,
    offer: NO_TABLE,
    message: `only the following media types are accepted: ${TYPES}`,
  },
  {
    name: 'a Table in protobuf',
    accept: 'application/vnd.kubernetes.protobuf;as=Table;v=v1;g=meta.k8s.io',
    offer: OBJECT,
    message: `only the following media types are accepted: ${TYPES}`,
  },
  {
    name: 'a Table of another version',
    accept: 'application/json;as=Table;v=v2;g=meta.k8s.io',
    offer: OBJECT,
    message: `only the following media types are accepted: ${TYPES}`,
  },
  {
    name: 'a Table of another group',
    accept: 'application/json;as=Table;v=v1;g=x',
    offer: OBJECT,
    message: `only the following media types are accepted: ${TYPES}`,
  },
  {
    name: 'an unknown transformation',
    accept: 'application/json;as=Poem;v=v1;g=meta.k8s.io',
    offer: OBJECT,
    message: `only the following media types are accepted: ${TYPES}`,
  },
  {
    name: 'the metadata of one object for a list',
    accept: 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io',
    offer: LIST,
    message: `only the following media types are accepted: ${TYPES}`,
  },
  {
    name: 'the metadata of a list for an object',
    accept: 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io',
    offer: OBJECT,
    message: `only the following media types are accepted: ${TYPES}`,
  },
  {
    name: 'YAML for a watch',
    accept: 'application/yaml',
    offer: WATCH,
    message: `only the following media types are accepted: ${STREAMS}`,
  },
];

for (const { name, accept, offer, message } of REFUSALS) {
  test(`negotiation refuses ${name}`, () => {
    assert.throws(
      () => negotiate(accept, offer),
      (error) =>
        error instanceof StatusError &&
        error.httpCode === 406 &&
        error.reason === 'NotAcceptable' &&
        error.message === message,
    );
  });
}

const CHOICES: readonly {
  readonly name: string;
  readonly accept: string;
  readonly offer: Offer;
  readonly expect: string;
}[] = [
  { name: 'JSON without a header', accept: '', offer: OBJECT, expect: 'json none' },
  { name: 'JSON for anything', accept: 'image/png, */*', offer: OBJECT, expect: 'json none' },
  { name: 'JSON for application/*', accept: 'application/*', offer: OBJECT, expect: 'json none' },
  { name: 'JSON for a charset', accept: 'application/json;charset=utf-8', offer: OBJECT, expect: 'json none' },
  {
    name: 'protobuf before JSON when the client says so',
    accept: 'application/vnd.kubernetes.protobuf,application/json',
    offer: OBJECT,
    expect: 'protobuf none',
  },
  {
    name: 'the higher quality',
    accept: 'application/yaml;q=0.1, application/json;q=0.9',
    offer: OBJECT,
    expect: 'json none',
  },
  { name: 'a Table', accept: TABLE, offer: LIST, expect: 'json Table v1' },
  {
    name: 'the Table that it has',
    accept: `application/json;as=Table;v=v9;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json`,
    offer: LIST,
    expect: 'json Table v1beta1',
  },
  {
    name: 'the plain object where there is no Table',
    accept: `${TABLE},application/json`,
    offer: NO_TABLE,
    expect: 'json none',
  },
  {
    name: 'metadata in protobuf',
    accept: 'application/vnd.kubernetes.protobuf;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json',
    offer: LIST,
    expect: 'protobuf PartialObjectMetadataList v1',
  },
  {
    name: 'metadata of watched objects',
    accept: 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1',
    offer: WATCH,
    expect: 'json PartialObjectMetadata v1',
  },
  {
    name: 'a stream that is asked for as such',
    accept: 'application/json;stream=watch',
    offer: WATCH,
    expect: 'json none',
  },
];

for (const { name, accept, offer, expect } of CHOICES) {
  test(`negotiation chooses ${name}`, () => {
    const { encoding, transformation } = negotiate(accept, offer);
    const version = transformation.kind === 'none' ? '' : ` ${transformation.version}`;
    assert.equal(`${encoding} ${transformation.kind}${version}`, expect);
  });
}

test('a refusal is JSON where nothing else fits', () => {
  assert.equal(negotiateError('image/png'), 'json');
  assert.equal(negotiateError('application/yaml'), 'yaml');
  assert.equal(negotiateError('application/vnd.kubernetes.protobuf,application/json'), 'protobuf');
});
