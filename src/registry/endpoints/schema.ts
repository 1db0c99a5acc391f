import { metadataField } from '../../kube/object-meta-schema.js';
import type { FieldSchema, MessageSchema } from '../../kube/schema.js';
import { objectReferenceSchema } from '../events/schema.js';

type More = Partial<Omit<FieldSchema, 'name' | 'number' | 'description'>>;

const CORE = 'io.k8s.api.core.v1.';

function field(name: string, number: number, description: string, more: More = {}): FieldSchema {
  return { name, number, type: 'string', description, ...more };
}

const endpointAddressSchema: MessageSchema = {
  name: `${CORE}EndpointAddress`,
  description: 'Where one of them is.',
  mapType: 'atomic',
  fields: [
    field('ip', 1, 'Its address.', { always: true, required: true }),
    field('hostname', 3, 'Its name within the service.'),
    field('nodeName', 4, 'The node on which it is.', { pointer: true }),
    field('targetRef', 2, 'The object that it is, such as a Pod.', { type: objectReferenceSchema, pointer: true }),
  ],
};

const endpointPortSchema: MessageSchema = {
  name: `${CORE}EndpointPort`,
  description: 'A port of all of them.',
  mapType: 'atomic',
  fields: [
    field('name', 1, 'Its name, as in the service.'),
    field('port', 2, 'Its number.', { type: 'int32', always: true, required: true }),
    field('protocol', 3, 'TCP (the default), UDP or SCTP.', { enum: ['SCTP', 'TCP', 'UDP'], goType: 'v1.Protocol' }),
    field('appProtocol', 4, 'What is spoken on it.', { pointer: true }),
  ],
};

const addresses: More = { type: endpointAddressSchema, repeated: true, listType: 'atomic' };

const endpointSubsetSchema: MessageSchema = {
  name: `${CORE}EndpointSubset`,
  description: 'Addresses that have the same ports.',
  fields: [
    field('addresses', 1, 'Those that are ready.', addresses),
    field('notReadyAddresses', 2, 'Those that are not.', addresses),
    field('ports', 3, 'Their ports.', { type: endpointPortSchema, repeated: true, listType: 'atomic' }),
  ],
};

/** core/v1 Endpoints. */
export const endpointsSchema: MessageSchema = {
  name: `${CORE}Endpoints`,
  description: 'Where the service of the same name is served. Deprecated: use EndpointSlices.',
  fields: [
    metadataField,
    field('subsets', 2, 'All of them, by their ports.', {
      type: endpointSubsetSchema,
      repeated: true,
      listType: 'atomic',
    }),
  ],
};
