import type { UnixSeconds } from '../../base/clock.js';
import { type FieldError, invalid, notSupported, required } from '../../kube/field-error.js';
import { dnsLabelProblems, dnsSubdomainProblems, qualifiedNameProblems } from '../../kube/names.js';
import type { KubeObject } from '../../kube/object-meta.js';
import { AGE_COLUMN, ageCell, NAME_COLUMN, textColumn } from '../columns.js';
import type { ObjectReference } from '../events/event.js';
import { validateIp, validateOrdinaryIp } from '../ip-problems.js';
import { listText } from '../list-text.js';
import { PROTOCOLS, validatePortNumber } from '../port-problems.js';
import type { Cell, Resource } from '../resource.js';
import { endpointsSchema } from './schema.js';

/** core/v1 EndpointAddress. */
export interface EndpointAddress {
  readonly ip: string;
  readonly hostname?: string;
  readonly nodeName?: string;
  readonly targetRef?: ObjectReference;
}

/** core/v1 EndpointPort. */
export interface EndpointPort {
  readonly name?: string;
  readonly port: number;
  readonly protocol?: string;
  readonly appProtocol?: string;
}

/** core/v1 EndpointSubset. */
export interface EndpointSubset {
  readonly addresses?: readonly EndpointAddress[];
  readonly notReadyAddresses?: readonly EndpointAddress[];
  readonly ports?: readonly EndpointPort[];
}

/** core/v1 Endpoints. */
export interface Endpoints extends KubeObject {
  readonly subsets?: readonly EndpointSubset[];
}

function setDefaults(endpoints: Endpoints): Endpoints {
  if (endpoints.subsets === undefined) return endpoints;
  const subsets = endpoints.subsets.map((subset) =>
    subset.ports === undefined ? subset : { ...subset, ports: subset.ports.map(withProtocol) },
  );
  return { ...endpoints, subsets };
}

function withProtocol(port: EndpointPort): EndpointPort {
  return (port.protocol ?? '') === '' ? { ...port, protocol: 'TCP' } : port;
}

/** What is wrong with Endpoints (pkg/apis/core/validation). */
function validateEndpoints({ subsets = [] }: Endpoints): readonly FieldError[] {
  return subsets.flatMap((subset, i) => validateSubset(subset, `subsets[${i}]`));
}

function validateSubset(subset: EndpointSubset, field: string): readonly FieldError[] {
  const { addresses = [], notReadyAddresses = [], ports = [] } = subset;
  return [
    ...(addresses.length + notReadyAddresses.length === 0
      ? [required(field, 'must specify `addresses` or `notReadyAddresses`')]
      : []),
    ...addresses.flatMap((address, i) => validateAddress(address, `${field}.addresses[${i}]`)),
    ...notReadyAddresses.flatMap((address, i) => validateAddress(address, `${field}.notReadyAddresses[${i}]`)),
    ...ports.flatMap((port, i) => validatePort(port, ports.length > 1, `${field}.ports[${i}]`)),
  ];
}

function validateAddress({ ip, hostname = '', nodeName }: EndpointAddress, field: string): readonly FieldError[] {
  const hostnames = hostname === '' ? [] : dnsLabelProblems(hostname);
  const nodes = nodeName === undefined ? [] : dnsSubdomainProblems(nodeName);
  return [
    ...validateIp(ip, `${field}.ip`),
    ...hostnames.map((problem) => invalid(`${field}.hostname`, hostname, problem)),
    ...nodes.map((problem) => invalid(`${field}.nodeName`, nodeName, problem)),
    ...validateOrdinaryIp(ip, `${field}.ip`),
  ];
}

function validatePort(port: EndpointPort, named: boolean, field: string): readonly FieldError[] {
  const { name = '', protocol = '', appProtocol } = port;
  const names = name === '' ? [] : dnsLabelProblems(name);
  const applications = appProtocol === undefined ? [] : qualifiedNameProblems(appProtocol);
  return [
    ...(name === '' && named ? [required(`${field}.name`)] : []),
    ...names.map((problem) => invalid(`${field}.name`, name, problem)),
    ...validatePortNumber(port.port, `${field}.port`),
    ...(PROTOCOLS.includes(protocol) ? [] : [notSupported(`${field}.protocol`, protocol, PROTOCOLS)]),
    ...applications.map((problem) => invalid(`${field}.appProtocol`, appProtocol, problem)),
  ];
}

function cells(endpoints: Endpoints, now: UnixSeconds): readonly Cell[] {
  const { metadata, subsets = [] } = endpoints;
  const places = subsets.flatMap(({ addresses = [], ports = [] }) => {
    if (ports.length === 0) return addresses.map(({ ip }) => ip);
    return ports.flatMap(({ port }) => addresses.map(({ ip }) => `${ip.includes(':') ? `[${ip}]` : ip}:${port}`));
  });
  return [metadata.name ?? '', subsets.length === 0 ? '<none>' : listText(places), ageCell(endpoints, now)];
}

/** core/v1 endpoints, deprecated in favour of endpointslices. */
export const endpoints: Resource<Endpoints> = {
  group: '',
  version: 'v1',
  kind: 'Endpoints',
  resource: 'endpoints',
  singular: 'endpoints',
  namespaced: true,
  shortNames: ['ep'],
  storageVersionHash: 'fWeeMqaN/OA=',
  schema: endpointsSchema,
  keyPrefix: '/registry/services/endpoints/',
  strategy: {
    nameProblems: dnsSubdomainProblems,
    createOnUpdate: true,
    unconditionalUpdate: true,
    setDefaults,
    prepareForCreate: (created) => created,
    validate: validateEndpoints,
    prepareForUpdate: (next) => next,
    validateUpdate: validateEndpoints,
  },
  unknownFieldText: 'known',
  columns: [NAME_COLUMN, textColumn('Endpoints', 'Addresses and ports, the first three.'), AGE_COLUMN],
  cells,
  deleteAnswer: 'status',
  deprecation: 'v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice',
};
