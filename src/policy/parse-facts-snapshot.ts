import { CountersignError } from '../base/error.js';
import { shapeProblem, type JsonShape } from '../kube/json-shape.js';
import type { FactsSnapshot } from './facts-snapshot.js';

const STRINGS: JsonShape = { list: 'string' };
const LABELS: JsonShape = { map: 'string' };
const OBJECT = { name: 'string', uid: 'string', resourceVersion: 'string' } as const;
const NAMESPACED = { ...OBJECT, namespace: 'string' } as const;

const SNAPSHOT: JsonShape = {
  fields: {
    pods: {
      list: {
        fields: {
          ...NAMESPACED,
          labels: LABELS,
          serviceAccountName: 'string',
          nodeName: 'string',
          hostNetwork: 'boolean',
          hostname: 'string',
          subdomain: 'string',
          phase: 'string',
          deleting: 'boolean',
          ips: STRINGS,
          hostIPs: STRINGS,
        },
      },
    },
    services: {
      list: {
        fields: {
          ...NAMESPACED,
          type: 'string',
          selector: LABELS,
          headless: 'boolean',
          clusterIPs: STRINGS,
          externalIPs: STRINGS,
          ingressIPs: STRINGS,
          ingressHostnames: STRINGS,
          deleting: 'boolean',
        },
      },
    },
    endpointSlices: {
      list: { fields: { ...NAMESPACED, serviceUid: 'string', podUids: STRINGS, addresses: STRINGS } },
    },
    nodes: { list: { fields: { ...OBJECT, ips: STRINGS, dnsNames: STRINGS, deleting: 'boolean' } } },
    namespaces: { list: { fields: { ...OBJECT, labels: LABELS, deleting: 'boolean' } } },
    serviceAccounts: { list: { fields: { ...NAMESPACED, deleting: 'boolean' } } },
    keyHolders: {
      list: { fields: { publicKeyDigest: 'string', record: 'string', requestName: 'string', identityKey: 'string' } },
    },
    accessReviews: {
      list: {
        fields: {
          question: { fields: { verb: 'string', group: 'string', resource: 'string', subresource: 'string' } },
          answer: { oneOf: ['allowed', 'denied'] },
        },
      },
    },
    lookups: STRINGS,
  },
};

/** A snapshot from parsed JSON. OBJECT_MALFORMED with the place, also for fields that are unknown. */
export function parseFactsSnapshot(value: unknown): FactsSnapshot {
  const problem = shapeProblem(value, SNAPSHOT, 'facts');
  if (problem !== undefined) throw new CountersignError('OBJECT_MALFORMED', `Cannot read facts: ${problem}`);
  return value as FactsSnapshot; // the shape above is that of the type
}
