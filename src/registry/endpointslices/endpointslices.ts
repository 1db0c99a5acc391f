import type { UnixSeconds } from '../../base/clock.js';
import { invalid } from '../../kube/field-error.js';
import { dnsSubdomainProblems } from '../../kube/names.js';
import { AGE_COLUMN, ageCell, NAME_COLUMN, textColumn } from '../columns.js';
import { listText } from '../list-text.js';
import type { Cell, Resource } from '../resource.js';
import type { Endpoint, EndpointSlice, SlicePort } from './endpoint-slice.js';
import { endpointSliceSchema } from './schema.js';
import { validateEndpointSlice } from './validate-endpoint-slice.js';

function setDefaults(slice: EndpointSlice): EndpointSlice {
  if (slice.ports === null) return slice;
  const ports = slice.ports.map((port): SlicePort => ({ name: '', protocol: 'TCP', ...port }));
  return { ...slice, ports };
}

/** Only the predecessors of this version knew a topology. */
function withoutTopology(slice: EndpointSlice): EndpointSlice {
  const endpoints = slice.endpoints?.map(({ deprecatedTopology: _topology, ...rest }): Endpoint => rest) ?? null;
  return { ...slice, endpoints };
}

function cells(slice: EndpointSlice, now: UnixSeconds): readonly Cell[] {
  const ports = (slice.ports ?? []).map(({ port, name }) => (port === undefined ? (name ?? '*') : String(port)));
  const addresses = (slice.endpoints ?? []).flatMap((endpoint) => endpoint.addresses ?? []);
  return [
    slice.metadata.name ?? '',
    slice.addressType,
    listText(ports) || '<unset>',
    listText(addresses) || '<unset>',
    ageCell(slice, now),
  ];
}

/** discovery.k8s.io/v1 endpointslices. */
export const endpointSlices: Resource<EndpointSlice> = {
  group: 'discovery.k8s.io',
  version: 'v1',
  kind: 'EndpointSlice',
  resource: 'endpointslices',
  singular: 'endpointslice',
  namespaced: true,
  storageVersionHash: 'qgS0xkrxYAI=',
  schema: endpointSliceSchema,
  keyPrefix: '/registry/endpointslices/',
  strategy: {
    nameProblems: dnsSubdomainProblems,
    createOnUpdate: false,
    unconditionalUpdate: true,
    countsGenerations: 'with-labels',
    setDefaults,
    prepareForCreate: withoutTopology,
    validate: validateEndpointSlice,
    prepareForUpdate: withoutTopology,
    validateUpdate: (next, previous) => [
      ...validateEndpointSlice(next),
      ...(next.addressType === previous.addressType
        ? []
        : [invalid('addressType', next.addressType, 'field is immutable')]),
    ],
  },
  unknownFieldText: 'known',
  columns: [
    NAME_COLUMN,
    textColumn('AddressType', 'IPv4, IPv6 or FQDN.'),
    textColumn('Ports', 'The first three ports.'),
    textColumn('Endpoints', 'The first three addresses.'),
    AGE_COLUMN,
  ],
  cells,
  deleteAnswer: 'status',
};
