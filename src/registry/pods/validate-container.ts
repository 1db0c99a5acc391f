import {
  addErrors,
  duplicate,
  type FieldError,
  invalid,
  notFoundField,
  notSupported,
  required,
} from '../../kube/field-error.js';
import { dnsLabelProblems } from '../../kube/names.js';
import { portNameProblems, PROTOCOLS, validatePortNumber } from '../port-problems.js';
import type { Container, ContainerPort, PodSpec } from './pod.js';

const PULL_POLICIES = ['Always', 'IfNotPresent', 'Never'];
const MESSAGE_POLICIES = ['FallbackToLogsOnError', 'File'];

/** What is wrong with the containers of a pod. */
export function validateContainers(spec: PodSpec): readonly FieldError[] {
  const containers = spec.containers ?? [];
  const errors: FieldError[] = containers.length === 0 ? [required('spec.containers')] : [];
  const names = new Set<string>();
  for (const [list, items] of [
    ['containers', containers],
    ['initContainers', spec.initContainers ?? []],
  ] as const) {
    for (const [i, container] of items.entries()) {
      const field = `spec.${list}[${i}]`;
      addErrors(errors, validateContainer(container, spec, field));
      if (names.has(container.name)) errors.push(duplicate(`${field}.name`, container.name));
      names.add(container.name);
    }
  }
  return errors;
}

function validateContainer(container: Container, spec: PodSpec, field: string): readonly FieldError[] {
  const { name, terminationMessagePolicy, env = [] } = container;
  const errors: FieldError[] = [];
  if (name === '') errors.push(required(`${field}.name`));
  else for (const problem of dnsLabelProblems(name)) errors.push(invalid(`${field}.name`, name, problem));
  addErrors(errors, validateImage(container, field));
  if (terminationMessagePolicy !== undefined && !MESSAGE_POLICIES.includes(terminationMessagePolicy)) {
    errors.push(notSupported(`${field}.terminationMessagePolicy`, terminationMessagePolicy, MESSAGE_POLICIES));
  }
  addErrors(errors, validatePorts(container.ports ?? [], spec.hostNetwork === true, `${field}.ports`));
  for (const [i, variable] of env.entries()) {
    if (variable.name === '') errors.push(required(`${field}.env[${i}].name`));
    else if (!/^[ -<>-~]+$/.test(variable.name)) {
      errors.push(invalid(`${field}.env[${i}].name`, variable.name, ENV_NAME_PROBLEM));
    }
  }
  addErrors(errors, validateMounts(container, spec, `${field}.volumeMounts`));
  return errors;
}

const ENV_NAME_PROBLEM =
  "a valid environment variable name must consist only of printable ASCII characters other than '='";

/** What is wrong with the image of a container, and when it is pulled. */
export function validateImage({ image = '', imagePullPolicy = '' }: Container, field: string): readonly FieldError[] {
  const errors: FieldError[] = [];
  if (image === '') errors.push(required(`${field}.image`));
  else if (image !== image.trim()) {
    errors.push(invalid(`${field}.image`, image, 'must not have leading or trailing whitespace'));
  }
  if (!PULL_POLICIES.includes(imagePullPolicy)) {
    errors.push(notSupported(`${field}.imagePullPolicy`, imagePullPolicy, PULL_POLICIES));
  }
  return errors;
}

function validatePorts(ports: readonly ContainerPort[], hostNetwork: boolean, field: string): readonly FieldError[] {
  const errors: FieldError[] = [];
  const names = new Set<string>();
  for (const [i, { name = '', containerPort, hostPort, protocol = '' }] of ports.entries()) {
    const at = `${field}[${i}]`;
    if (name !== '') {
      for (const problem of portNameProblems(name)) errors.push(invalid(`${at}.name`, name, problem));
      if (names.has(name)) errors.push(duplicate(`${at}.name`, name));
      names.add(name);
    }
    if (containerPort === 0) errors.push(required(`${at}.containerPort`));
    else addErrors(errors, validatePortNumber(containerPort, `${at}.containerPort`));
    if (hostPort !== undefined) addErrors(errors, validatePortNumber(hostPort, `${at}.hostPort`));
    if (hostNetwork && hostPort !== containerPort) {
      errors.push(invalid(`${at}.hostPort`, hostPort ?? 0, 'must match `containerPort` when `hostNetwork` is true'));
    }
    if (!PROTOCOLS.includes(protocol)) errors.push(notSupported(`${at}.protocol`, protocol, PROTOCOLS));
  }
  return errors;
}

function validateMounts({ volumeMounts = [] }: Container, spec: PodSpec, field: string): readonly FieldError[] {
  const errors: FieldError[] = [];
  const volumes = new Set(spec.volumes?.map((volume) => volume.name));
  const paths = new Set<string>();
  for (const [i, { name, mountPath }] of volumeMounts.entries()) {
    if (name === '') errors.push(required(`${field}[${i}].name`));
    else if (!volumes.has(name)) errors.push(notFoundField(`${field}[${i}].name`, name));
    if (mountPath === '') errors.push(required(`${field}[${i}].mountPath`));
    if (paths.has(mountPath)) errors.push(invalid(`${field}[${i}].mountPath`, mountPath, 'must be unique'));
    paths.add(mountPath);
  }
  return errors;
}
