import { decodeObject } from '../../kube/decode-json.js';
import { fieldErrorText } from '../../kube/field-error.js';
import type { IpFamilies } from '../services/cluster-ips.js';
import type { Service } from '../services/service.js';
import type { ServiceAllocator } from '../services/service-allocator.js';
import { createServices } from '../services/services.js';
import { openTestStore } from './open-test-store.js';

const { context } = openTestStore(createServices());

/** An allocator that gives nothing. */
export function noAllocator(families: IpFamilies): ServiceAllocator {
  return {
    families,
    firstAddress: '10.96.0.1',
    allocate: async (object) => ({ object, settle: async () => undefined }),
    release: async () => undefined,
    restore: async () => undefined,
  };
}

function filled(spec: object, families: IpFamilies): Service {
  const { schema, strategy } = createServices(noAllocator(families));
  const json = { metadata: { name: 's', namespace: 'default' }, spec };
  const service = decodeObject(schema, 'Service', json).object as Service; // as its schema says
  return strategy.setDefaults?.(service) ?? service;
}

/** A new Service as it would be stored, before it is given anything. */
export function preparedService(spec: object, families: IpFamilies = ['IPv4']): Service {
  const { strategy } = createServices(noAllocator(families));
  return strategy.prepareForCreate(filled(spec, families), context());
}

/** What is wrong with a new one. */
export async function serviceProblems(spec: object, families: IpFamilies = ['IPv4']): Promise<readonly string[]> {
  const { strategy } = createServices(noAllocator(families));
  return (await strategy.validate(preparedService(spec, families), context())).map(fieldErrorText);
}

/** A Service as a PUT with this spec would make it. */
export function changedService(spec: object, previous: Service, families: IpFamilies = ['IPv4']): Service {
  const { strategy } = createServices(noAllocator(families));
  return strategy.prepareForUpdate(filled(spec, families), previous, context());
}

/** What is wrong with that. */
export async function changeProblems(
  spec: object,
  previous: Service,
  families: IpFamilies = ['IPv4'],
): Promise<readonly string[]> {
  const { strategy } = createServices(noAllocator(families));
  const next = changedService(spec, previous, families);
  return (await strategy.validateUpdate(next, previous, context())).map(fieldErrorText);
}
