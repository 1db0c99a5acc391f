import { dnsLabelProblems } from '../../kube/names.js';
import { messageOfField } from '../../kube/schema.js';
import { AGE_COLUMN, NAME_COLUMN, textColumn } from '../columns.js';
import type { Resource, UpdateSubresource } from '../resource.js';
import { alignClusterIps, dropClusterIps, inferFamilies, type IpFamilies, keepClusterIps } from './cluster-ips.js';
import { setServiceDefaults } from './default-service.js';
import { dropForeignFields, keepNodePorts } from './node-ports.js';
import { serviceSchema } from './schema.js';
import type { ServiceAllocator } from './service-allocator.js';
import { serviceCells } from './service-cells.js';
import { isExternalName, isHeadless, type Service, withSpec } from './service.js';
import { SERVICE_PREFIX } from './stored-services.js';
import { validateService, validateServiceStatus, validateServiceUpdate } from './validate-service.js';

export type { Service } from './service.js';

/** The fields of a spec in their order. */
const SPEC_FIELDS: readonly string[] = serviceSchema.fields
  .filter(({ name }) => name === 'spec')
  .flatMap((field) => messageOfField(field)?.fields ?? [])
  .map(({ name }) => name);

/** core/v1 services, with cluster IPs and node ports from the allocator; without one, of IPv4, and they get none. */
export function createServices(allocator?: ServiceAllocator): Resource<Service> {
  const families: IpFamilies = allocator?.families ?? ['IPv4'];
  return {
    group: '',
    version: 'v1',
    kind: 'Service',
    resource: 'services',
    singular: 'service',
    namespaced: true,
    shortNames: ['svc'],
    categories: ['all'],
    storageVersionHash: '0/CO1lhkEBI=',
    schema: serviceSchema,
    keyPrefix: SERVICE_PREFIX,
    strategy: {
      nameProblems: dnsLabelProblems,
      createOnUpdate: true,
      unconditionalUpdate: true,
      setDefaults: setServiceDefaults,
      prepareForCreate: (service) => ({
        ...inferFamilies(alignClusterIps(service, undefined), undefined, families),
        status: { loadBalancer: {} },
      }),
      validate: (service) => validateService(service, undefined, families),
      prepareForUpdate: (next, previous) => prepareForUpdate(next, previous, families),
      validateUpdate: (next, previous) => validateServiceUpdate(next, previous, families),
      warningsFor,
      canonicalize: inOrder,
    },
    ...(allocator === undefined ? {} : { allocator }),
    subresources: { status },
    selectableFields: {
      'spec.clusterIP': ({ spec }) => spec.clusterIP ?? '',
      'spec.type': ({ spec }) => spec.type ?? '',
    },
    unknownFieldText: 'plain',
    columns: [
      NAME_COLUMN,
      textColumn('Type', 'How it is reached.'),
      textColumn('Cluster-IP', 'Its address in the cluster; None for a headless one.'),
      textColumn('External-IP', 'Where it is reached from outside.'),
      textColumn('Port(s)', 'Its ports, each with its node port if it has one.'),
      AGE_COLUMN,
      textColumn('Selector', 'Labels of the pods that serve it.', 1),
    ],
    cells: serviceCells,
    deleteAnswer: 'object',
  };
}

function prepareForUpdate(next: Service, previous: Service, families: IpFamilies): Service {
  const kept = keepNodePorts(keepClusterIps(next, previous), previous);
  const aligned = alignClusterIps(kept, previous);
  const dropped = dropForeignFields(dropClusterIps(aligned, previous), previous);
  const balanced = next.spec.type === 'LoadBalancer';
  const status = balanced ? previous.status : { ...previous.status, loadBalancer: {} };
  return { ...inferFamilies(dropped, previous, families), status };
}

const status: UpdateSubresource<Service> = {
  kind: 'update',
  table: true,
  verbs: ['get', 'patch', 'update'],
  unconditionalUpdate: true,
  prepareForUpdate: (next, previous) => ({ ...next, spec: previous.spec }),
  validateUpdate: validateServiceStatus,
};

/** The fields of the spec in the order in which everybody else writes them. */
function inOrder(service: Service): Service {
  const spec = Object.entries(service.spec).sort(([a], [b]) => SPEC_FIELDS.indexOf(a) - SPEC_FIELDS.indexOf(b));
  return withSpec({ ...service, spec: {} }, Object.fromEntries(spec));
}

/** What is taken, but does nothing. */
function warningsFor(service: Service): readonly string[] {
  const { externalIPs = [], externalName = '', loadBalancerIP = '', sessionAffinity } = service.spec;
  const alias = isExternalName(service);
  const headless = isHeadless(service);
  const routed = externalIPs.length > 0;
  return [
    ...(headless && loadBalancerIP !== '' ? ['spec.loadBalancerIP is ignored for headless services'] : []),
    ...(headless && routed ? ['spec.externalIPs is ignored for headless services'] : []),
    ...(headless && sessionAffinity !== 'None' ? ['spec.SessionAffinity is ignored for headless services'] : []),
    ...(alias && routed ? ['spec.externalIPs is ignored when spec.type is "ExternalName"'] : []),
    ...(!alias && externalName !== '' ? ['spec.externalName is ignored when spec.type is not "ExternalName"'] : []),
  ];
}
