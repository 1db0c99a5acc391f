import {
  addErrors,
  duplicate,
  type FieldError,
  forbiddenField,
  invalid,
  notSupported,
  required,
} from '../../kube/field-error.js';
import { dnsLabelProblems, qualifiedNameProblems } from '../../kube/names.js';
import { PROTOCOLS, validatePortNumber, validatePortReference } from '../port-problems.js';
import { isExternalName, isHeadless, type Service, type ServicePort } from './service.js';

/** Where kubelets listen: nothing that a load balancer should show. */
const KUBELET_PORT = 10_250;

/** What is wrong with the ports of a Service. */
export function validateServicePorts(service: Service): readonly FieldError[] {
  const { ports = [], type } = service.spec;
  const errors: FieldError[] = [];
  if (ports.length === 0 && !isHeadless(service) && !isExternalName(service)) errors.push(required('spec.ports'));
  if (type === 'LoadBalancer') addErrors(errors, ports.flatMap(validateShownPort));
  const names = new Set<string>();
  for (const [i, port] of ports.entries()) addErrors(errors, validatePort(port, ports.length > 1, names, at(i)));
  return errors;
}

/** What ports of one Service must not share, and which must have no node port. */
export function validateServicePortsTogether({ spec }: Service): readonly FieldError[] {
  const { ports = [], type } = spec;
  const errors: FieldError[] = [];
  if (type === 'ClusterIP') {
    for (const [i, { nodePort = 0 }] of ports.entries()) {
      if (nodePort !== 0)
        errors.push(forbiddenField(`${at(i)}.nodePort`, "may not be used when `type` is 'ClusterIP'"));
    }
  }
  const nodePorts = new Set<string>();
  for (const [i, { protocol = '', nodePort = 0 }] of ports.entries()) {
    if (nodePort === 0) continue;
    if (!isNew(nodePorts, `${protocol}/${nodePort}`)) errors.push(duplicate(`${at(i)}.nodePort`, nodePort));
  }
  const seen = new Set<string>();
  for (const [i, { protocol = '', port }] of ports.entries()) {
    if (!isNew(seen, `${protocol}/${port}`)) errors.push(duplicate(at(i), comparedPort(protocol, port)));
  }
  return errors;
}

function at(index: number): string {
  return `spec.ports[${index}]`;
}

function isNew(seen: Set<string>, value: string): boolean {
  if (seen.has(value)) return false;
  seen.add(value);
  return true;
}

/** What the API server compares, and prints: a port of which only this is set. */
function comparedPort(protocol: string, port: number): object {
  return { Name: '', Protocol: protocol, AppProtocol: null, Port: port, TargetPort: 0, NodePort: 0 };
}

function validateShownPort({ port }: ServicePort, index: number): readonly FieldError[] {
  if (port !== KUBELET_PORT) return [];
  const why = `may not expose port ${port} externally since it is used by kubelet`;
  return [invalid(at(index), port, why)];
}

function validatePort(port: ServicePort, named: boolean, names: Set<string>, field: string): readonly FieldError[] {
  const { name = '', protocol = '', appProtocol, targetPort = 0 } = port;
  const errors: FieldError[] = [];
  if (name === '') {
    if (named) errors.push(required(`${field}.name`));
  } else {
    for (const problem of dnsLabelProblems(name)) errors.push(invalid(`${field}.name`, name, problem));
    if (!isNew(names, name)) errors.push(duplicate(`${field}.name`, name));
  }
  addErrors(errors, validatePortNumber(port.port, `${field}.port`));
  if (!PROTOCOLS.includes(protocol)) errors.push(notSupported(`${field}.protocol`, protocol, PROTOCOLS));
  addErrors(errors, validatePortReference(targetPort, `${field}.targetPort`));
  if (appProtocol !== undefined) {
    for (const problem of qualifiedNameProblems(appProtocol)) {
      errors.push(invalid(`${field}.appProtocol`, appProtocol, problem));
    }
  }
  return errors;
}
