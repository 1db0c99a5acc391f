import type { Container, EnvVar, Handler, Probe, ResourceRequirements } from './pod.js';

/** A container with what the API fills in; `hostNetwork` when its ports are those of the node. */
export function withContainerDefaults<T extends Container>(container: T, hostNetwork: boolean): T {
  const { ports, env, livenessProbe, readinessProbe, startupProbe, lifecycle } = container;
  return {
    ...container,
    ...(ports === undefined ? {} : { ports: ports.map((port) => withPortDefaults(port, hostNetwork)) }),
    ...(env === undefined ? {} : { env: env.map(withEnvDefaults) }),
    ...(livenessProbe === undefined ? {} : { livenessProbe: withProbeDefaults(livenessProbe) }),
    ...(readinessProbe === undefined ? {} : { readinessProbe: withProbeDefaults(readinessProbe) }),
    ...(startupProbe === undefined ? {} : { startupProbe: withProbeDefaults(startupProbe) }),
    ...(lifecycle === undefined ? {} : { lifecycle: withLifecycleDefaults(lifecycle) }),
    resources: withRequestDefaults(container.resources),
    imagePullPolicy: container.imagePullPolicy ?? defaultPullPolicy(container.image ?? ''),
    terminationMessagePath: container.terminationMessagePath ?? '/dev/termination-log',
    terminationMessagePolicy: container.terminationMessagePolicy ?? 'File',
  };
}

/** An image that may change under its name is pulled each time. */
function defaultPullPolicy(image: string): 'Always' | 'IfNotPresent' {
  if (image.includes('@')) return 'IfNotPresent';
  const name = image.slice(image.lastIndexOf('/') + 1);
  const tag = name.includes(':') ? name.slice(name.indexOf(':') + 1) : 'latest';
  return tag === 'latest' ? 'Always' : 'IfNotPresent';
}

function withPortDefaults<T extends { readonly containerPort: number; readonly hostPort?: number }>(
  port: T,
  hostNetwork: boolean,
): T {
  return { protocol: 'TCP', ...port, ...(hostNetwork ? { hostPort: port.hostPort ?? port.containerPort } : {}) };
}

function withEnvDefaults(variable: EnvVar): EnvVar {
  const fieldRef = variable.valueFrom?.fieldRef;
  if (fieldRef === undefined) return variable;
  return { ...variable, valueFrom: { ...variable.valueFrom, fieldRef: { apiVersion: 'v1', ...fieldRef } } };
}

function withHandlerDefaults<T extends Handler>(handler: T): T {
  const { httpGet, grpc } = handler;
  return {
    ...handler,
    ...(httpGet === undefined ? {} : { httpGet: { path: '/', scheme: 'HTTP', ...httpGet } }),
    ...(grpc === undefined ? {} : { grpc: { ...grpc, service: grpc.service ?? '' } }),
  };
}

function withProbeDefaults(probe: Probe): Probe {
  return {
    timeoutSeconds: 1,
    periodSeconds: 10,
    successThreshold: 1,
    failureThreshold: 3,
    ...withHandlerDefaults(probe),
  };
}

function withLifecycleDefaults(lifecycle: NonNullable<Container['lifecycle']>): NonNullable<Container['lifecycle']> {
  const { postStart, preStop } = lifecycle;
  return {
    ...lifecycle,
    ...(postStart === undefined ? {} : { postStart: withHandlerDefaults(postStart) }),
    ...(preStop === undefined ? {} : { preStop: withHandlerDefaults(preStop) }),
  };
}

/** What is limited is also asked for. */
function withRequestDefaults(resources: ResourceRequirements): ResourceRequirements {
  if (resources.limits === undefined) return resources;
  return { ...resources, requests: { ...resources.limits, ...resources.requests } };
}
