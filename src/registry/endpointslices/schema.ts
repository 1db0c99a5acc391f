import { metadataField } from '../../kube/object-meta-schema.js';
import type { FieldSchema, MessageSchema } from '../../kube/schema.js';
import { objectReferenceSchema } from '../events/schema.js';

type More = Partial<Omit<FieldSchema, 'name' | 'number' | 'description'>>;

const DISCOVERY = 'io.k8s.api.discovery.v1.';

function field(name: string, number: number, description: string, more: More = {}): FieldSchema {
  return { name, number, type: 'string', description, ...more };
}

function yesOrNo(name: string, number: number, description: string): FieldSchema {
  return field(name, number, description, { type: 'bool', pointer: true });
}

const endpointConditionsSchema: MessageSchema = {
  name: `${DISCOVERY}EndpointConditions`,
  description: 'How an endpoint does.',
  fields: [
    yesOrNo('ready', 1, 'Whether it takes traffic: it serves, and does not end. Unknown counts as ready.'),
    yesOrNo('serving', 2, 'Whether it can answer, even while it ends.'),
    yesOrNo('terminating', 3, 'Whether it ends.'),
  ],
};

function targetSchema(name: string, description: string): MessageSchema {
  return {
    name: DISCOVERY + name,
    description,
    fields: [field('name', 1, 'Its name.', { always: true, required: true })],
  };
}

const endpointHintsSchema: MessageSchema = {
  name: `${DISCOVERY}EndpointHints`,
  description: 'For whom an endpoint is meant first.',
  fields: [
    field('forZones', 1, 'Clients of these zones, at most eight.', {
      type: targetSchema('ForZone', 'A zone whose clients should use an endpoint.'),
      repeated: true,
      listType: 'atomic',
    }),
    field('forNodes', 2, 'Clients on these nodes, at most eight.', {
      type: targetSchema('ForNode', 'A node whose clients should use an endpoint.'),
      repeated: true,
      listType: 'atomic',
    }),
  ],
};

const endpointSchema: MessageSchema = {
  name: `${DISCOVERY}Endpoint`,
  description: 'One place where a service is served.',
  fields: [
    field('addresses', 1, "Its addresses, of the slice's type.", {
      repeated: true,
      listType: 'set',
      always: true,
      required: true,
    }),
    field('conditions', 2, 'How it does.', { type: endpointConditionsSchema, always: true }),
    field('hostname', 3, 'Its name within the service.', { pointer: true }),
    field('targetRef', 4, 'The object that it is, such as a Pod.', { type: objectReferenceSchema, pointer: true }),
    field('deprecatedTopology', 5, 'What older versions said of its place. Never kept.', { map: true }),
    field('nodeName', 6, 'The node on which it is.', { pointer: true }),
    field('zone', 7, 'The zone in which it is.', { pointer: true }),
    field('hints', 8, 'For whom it is meant first.', { type: endpointHintsSchema, pointer: true }),
  ],
};

const endpointPortSchema: MessageSchema = {
  name: `${DISCOVERY}EndpointPort`,
  description: 'A port of all endpoints of a slice.',
  mapType: 'atomic',
  fields: [
    field('name', 1, 'Its name, as in the service; no two have the same.', { pointer: true }),
    field('protocol', 2, 'TCP (the default), UDP or SCTP.', { pointer: true, goType: 'v1.Protocol' }),
    field('port', 3, 'Its number. Absent: any.', { type: 'int32', pointer: true }),
    field('appProtocol', 4, 'What is spoken on it.', { pointer: true }),
  ],
};

/** discovery.k8s.io/v1 EndpointSlice. */
export const endpointSliceSchema: MessageSchema = {
  name: `${DISCOVERY}EndpointSlice`,
  description: 'Where a service is served, or a part of that. The label kubernetes.io/service-name says which service.',
  fields: [
    metadataField,
    field('addressType', 4, 'IPv4, IPv6 or FQDN. It never changes.', {
      always: true,
      required: true,
      enum: ['FQDN', 'IPv4', 'IPv6'],
      goType: 'v1.AddressType',
    }),
    field('endpoints', 2, 'The places, at most 1000.', {
      type: endpointSchema,
      repeated: true,
      listType: 'atomic',
      always: true,
      required: true,
    }),
    field('ports', 3, 'Their ports.', {
      type: endpointPortSchema,
      repeated: true,
      listType: 'atomic',
      always: true,
    }),
  ],
};
