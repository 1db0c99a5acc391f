import { metadataField } from '../../kube/object-meta-schema.js';
import type { MessageSchema } from '../../kube/schema.js';

const leaseSpecSchema: MessageSchema = {
  name: 'io.k8s.api.coordination.v1.LeaseSpec',
  description: 'Who holds a lease, and for how long.',
  fields: [
    { name: 'holderIdentity', number: 1, type: 'string', pointer: true, description: 'Who holds the lease.' },
    {
      name: 'leaseDurationSeconds',
      number: 2,
      type: 'int32',
      pointer: true,
      description: 'How long others wait after renewTime before they may take the lease. Greater than 0.',
    },
    {
      name: 'acquireTime',
      number: 3,
      type: 'microTime',
      pointer: true,
      description: 'When the holder took the lease.',
    },
    { name: 'renewTime', number: 4, type: 'microTime', pointer: true, description: 'When the holder last renewed it.' },
    {
      name: 'leaseTransitions',
      number: 5,
      type: 'int32',
      pointer: true,
      description: 'How often the lease changed hands. Not negative.',
    },
    { name: 'strategy', number: 6, type: 'string', pointer: true, description: 'How the next holder is chosen.' },
    {
      name: 'preferredHolder',
      number: 7,
      type: 'string',
      pointer: true,
      description: 'Who should take the lease next.',
    },
  ],
};

/** coordination.k8s.io/v1 Lease. */
export const leaseSchema: MessageSchema = {
  name: 'io.k8s.api.coordination.v1.Lease',
  description: 'A lock that its holder must renew. Replicas elect one of themselves with it.',
  fields: [
    metadataField,
    {
      name: 'spec',
      number: 2,
      type: leaseSpecSchema,
      always: true,
      description: 'Who holds the lease, and for how long.',
    },
  ],
};
