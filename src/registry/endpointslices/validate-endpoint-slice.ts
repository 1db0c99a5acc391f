import { duplicate, type FieldError, invalid, notSupported, required, tooMany } from '../../kube/field-error.js';
import { dnsLabelProblems, dnsSubdomainProblems, labelValueProblems, qualifiedNameProblems } from '../../kube/names.js';
import { validateIpOf, validateOrdinaryIp } from '../ip-problems.js';
import { PROTOCOLS } from '../port-problems.js';
import type { Endpoint, EndpointSlice, SlicePort } from './endpoint-slice.js';

const ADDRESS_TYPES: readonly string[] = ['FQDN', 'IPv4', 'IPv6'];
const MAX_ENDPOINTS = 1000;
const MAX_ADDRESSES = 100;
const MAX_PORTS = 20_000;
const MAX_HINTS = 8;

/** What is wrong with an EndpointSlice (pkg/apis/discovery/validation). */
export function validateEndpointSlice({ addressType, endpoints, ports }: EndpointSlice): readonly FieldError[] {
  return [
    ...validateAddressType(addressType),
    ...validateEndpoints(endpoints ?? [], addressType),
    ...validatePorts(ports ?? []),
  ];
}

function validateAddressType(addressType: string): readonly FieldError[] {
  if (addressType === '') return [required('addressType')];
  return ADDRESS_TYPES.includes(addressType) ? [] : [notSupported('addressType', addressType, ADDRESS_TYPES)];
}

function validateEndpoints(endpoints: readonly Endpoint[], addressType: string): readonly FieldError[] {
  if (endpoints.length > MAX_ENDPOINTS) return [tooMany('endpoints', endpoints.length, MAX_ENDPOINTS)];
  return endpoints.flatMap((endpoint, i) => validateEndpoint(endpoint, addressType, `endpoints[${i}]`));
}

function validateEndpoint(endpoint: Endpoint, addressType: string, field: string): readonly FieldError[] {
  const { hostname, nodeName, hints = {} } = endpoint;
  const nodes = nodeName === undefined ? [] : dnsSubdomainProblems(nodeName);
  const hostnames = hostname === undefined ? [] : dnsLabelProblems(hostname);
  return [
    ...validateAddresses(endpoint.addresses ?? [], addressType, `${field}.addresses`),
    ...nodes.map((problem) => invalid(`${field}.nodeName`, nodeName, problem)),
    ...hostnames.map((problem) => invalid(`${field}.hostname`, hostname, problem)),
    ...validateHints(hints.forZones ?? [], labelValueProblems, `${field}.hints.forZones`),
    ...validateHints(hints.forNodes ?? [], dnsSubdomainProblems, `${field}.hints.forNodes`),
  ];
}

function validateAddresses(addresses: readonly string[], type: string, field: string): readonly FieldError[] {
  if (addresses.length === 0) return [required(field, 'must contain at least 1 address')];
  const count = addresses.length > MAX_ADDRESSES ? [tooMany(field, addresses.length, MAX_ADDRESSES)] : [];
  return [...count, ...addresses.flatMap((address, i) => validateAddress(address, type, `${field}[${i}]`))];
}

function validateAddress(address: string, type: string, field: string): readonly FieldError[] {
  if (type === 'IPv4' || type === 'IPv6') {
    return [...validateIpOf(type, address, field), ...validateOrdinaryIp(address, field)];
  }
  return type === 'FQDN' ? validateFqdn(address, field) : [];
}

function validateFqdn(address: string, field: string): readonly FieldError[] {
  if (address === '') return [required(field)];
  const name = address.endsWith('.') ? address.slice(0, -1) : address;
  const problems = dnsSubdomainProblems(name);
  if (problems.length > 0) return problems.map((problem) => invalid(field, name, problem));
  return name.includes('.')
    ? []
    : [invalid(field, name, 'should be a domain with at least two segments separated by dots')];
}

function validateHints(
  hints: readonly { readonly name: string }[],
  problemsOf: (name: string) => readonly string[],
  field: string,
): readonly FieldError[] {
  if (hints.length > MAX_HINTS) return [tooMany(field, hints.length, MAX_HINTS)];
  const names = new Set<string>();
  return hints.flatMap(({ name }, i) => {
    const repeated = names.has(name) ? [duplicate(`${field}[${i}].name`, name)] : [];
    names.add(name);
    return [...repeated, ...problemsOf(name).map((problem) => invalid(`${field}[${i}].name`, name, problem))];
  });
}

function validatePorts(ports: readonly SlicePort[]): readonly FieldError[] {
  if (ports.length > MAX_PORTS) return [tooMany('ports', ports.length, MAX_PORTS)];
  const names = new Set<string>();
  return ports.flatMap(({ name = '', protocol = '', appProtocol }, i) => {
    const field = `ports[${i}]`;
    const problems = name === '' ? [] : dnsLabelProblems(name);
    const applications = appProtocol === undefined ? [] : qualifiedNameProblems(appProtocol);
    const repeated = names.has(name) ? [duplicate(`${field}.name`, name)] : [];
    names.add(name);
    return [
      ...problems.map((problem) => invalid(`${field}.name`, name, problem)),
      ...repeated,
      ...(PROTOCOLS.includes(protocol) ? [] : [notSupported(`${field}.protocol`, protocol, PROTOCOLS)]),
      ...applications.map((problem) => invalid(`${field}.appProtocol`, appProtocol, problem)),
    ];
  });
}
