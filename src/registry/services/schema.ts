import { conditionSchema, metadataField } from '../../kube/object-meta-schema.js';
import type { FieldSchema, MessageSchema } from '../../kube/schema.js';

type More = Partial<Omit<FieldSchema, 'name' | 'number' | 'description'>>;

const CORE = 'io.k8s.api.core.v1.';

function field(name: string, number: number, description: string, more: More = {}): FieldSchema {
  return { name, number, type: 'string', description, ...more };
}

function strings(name: string, number: number, description: string): FieldSchema {
  return field(name, number, description, { repeated: true, listType: 'atomic' });
}

const servicePortSchema: MessageSchema = {
  name: `${CORE}ServicePort`,
  description: 'One port of a service.',
  fields: [
    field('name', 1, 'Its name, a DNS label. Needed where there are several ports.'),
    field('protocol', 2, 'TCP (the default), UDP or SCTP.', {
      enum: ['SCTP', 'TCP', 'UDP'],
      goType: 'v1.Protocol',
      default: 'TCP',
    }),
    field('appProtocol', 6, 'What is spoken on it, such as kubernetes.io/h2c.', { pointer: true }),
    field('port', 3, 'The port at which the service is reached.', { type: 'int32', always: true, required: true }),
    field('targetPort', 4, 'The port of the pods, as a number or by its name there. Default: the same port.', {
      type: 'intOrString',
      always: true,
    }),
    field(
      'nodePort',
      5,
      'The port of every node that leads to it, for NodePort and LoadBalancer. Default: a free one.',
      {
        type: 'int32',
      },
    ),
  ],
};

const clientIpConfigSchema: MessageSchema = {
  name: `${CORE}ClientIPConfig`,
  description: 'How long a client is sent to the same pod.',
  fields: [field('timeoutSeconds', 1, 'Seconds, at most 86400. Default: 10800.', { type: 'int32', pointer: true })],
};

const sessionAffinityConfigSchema: MessageSchema = {
  name: `${CORE}SessionAffinityConfig`,
  description: 'Details of session affinity.',
  fields: [field('clientIP', 1, 'For ClientIP.', { type: clientIpConfigSchema, pointer: true })],
};

const serviceSpecSchema: MessageSchema = {
  name: `${CORE}ServiceSpec`,
  description: 'What a service shall be.',
  fields: [
    field('ports', 1, 'Its ports.', {
      type: servicePortSchema,
      repeated: true,
      patchStrategy: 'merge',
      patchMergeKey: 'port',
      listType: 'map',
      listMapKeys: ['port', 'protocol'],
    }),
    field('selector', 2, 'Labels of the pods that serve it. Empty: somebody else keeps its endpoints.', {
      map: true,
      mapType: 'atomic',
    }),
    field('clusterIP', 3, 'Its address in the cluster; None for a service without one. Default: a free one.'),
    strings('clusterIPs', 18, 'Its addresses, one for each family; the first is clusterIP.'),
    field('type', 4, 'ClusterIP (the default), NodePort, LoadBalancer or ExternalName.', {
      enum: ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort'],
      goType: 'v1.ServiceType',
    }),
    strings('externalIPs', 5, 'Further addresses that somebody routes to the nodes.'),
    field('sessionAffinity', 7, 'None (the default), or ClientIP: a client stays with a pod.', {
      enum: ['ClientIP', 'None'],
      goType: 'v1.ServiceAffinity',
    }),
    field('loadBalancerIP', 8, 'The address that a load balancer should have. Deprecated.'),
    strings('loadBalancerSourceRanges', 9, 'Who may come through the load balancer, as CIDRs.'),
    field('externalName', 10, 'The name elsewhere that an ExternalName service stands for.'),
    field('externalTrafficPolicy', 11, 'Cluster, or Local: traffic from outside stays on its node.', {
      enum: ['Cluster', 'Local'],
      goType: 'v1.ServiceExternalTrafficPolicy',
    }),
    field('healthCheckNodePort', 12, 'The port of every node that load balancers ask, with Local.', { type: 'int32' }),
    field('publishNotReadyAddresses', 13, 'Whether endpoints count as ready whatever their pods say.', {
      type: 'bool',
    }),
    field('sessionAffinityConfig', 14, 'Details of session affinity.', {
      type: sessionAffinityConfigSchema,
      pointer: true,
    }),
    { ...strings('ipFamilies', 19, 'IPv4, IPv6 or both, the first one first.'), goType: 'v1.IPFamily' },
    field('ipFamilyPolicy', 17, 'SingleStack, PreferDualStack or RequireDualStack.', {
      pointer: true,
      enum: ['PreferDualStack', 'RequireDualStack', 'SingleStack'],
      goType: 'v1.IPFamilyPolicy',
    }),
    field('allocateLoadBalancerNodePorts', 20, 'Whether a LoadBalancer gets node ports. Default: it does.', {
      type: 'bool',
      pointer: true,
    }),
    field('loadBalancerClass', 21, 'Which implementation makes the load balancer.', { pointer: true }),
    field('internalTrafficPolicy', 22, 'Cluster (the default), or Local: traffic from within stays on its node.', {
      pointer: true,
      enum: ['Cluster', 'Local'],
      goType: 'v1.ServiceInternalTrafficPolicy',
    }),
    field('trafficDistribution', 23, 'Which endpoints are preferred, such as PreferSameZone.', { pointer: true }),
  ],
};

const portStatusSchema: MessageSchema = {
  name: `${CORE}PortStatus`,
  description: 'How a port of a load balancer does.',
  fields: [
    field('port', 1, 'The port.', { type: 'int32', always: true, required: true }),
    field('protocol', 2, 'Its protocol.', { always: true, required: true, goType: 'v1.Protocol' }),
    field('error', 3, 'What is wrong, in one word.', { pointer: true }),
  ],
};

const loadBalancerIngressSchema: MessageSchema = {
  name: `${CORE}LoadBalancerIngress`,
  description: 'Where a load balancer is reached.',
  fields: [
    field('ip', 1, 'Its address.'),
    field('hostname', 2, 'Its name.'),
    field('ipMode', 3, 'VIP or Proxy: with which destination its packets arrive.', {
      pointer: true,
      goType: 'v1.LoadBalancerIPMode',
    }),
    field('ports', 4, 'How its ports do.', { type: portStatusSchema, repeated: true, listType: 'atomic' }),
  ],
};

const loadBalancerStatusSchema: MessageSchema = {
  name: `${CORE}LoadBalancerStatus`,
  description: 'What is known of a load balancer.',
  fields: [
    field('ingress', 1, 'Where it is reached.', {
      type: loadBalancerIngressSchema,
      repeated: true,
      listType: 'atomic',
    }),
  ],
};

const serviceStatusSchema: MessageSchema = {
  name: `${CORE}ServiceStatus`,
  description: 'What a service is.',
  fields: [
    field('loadBalancer', 1, 'Its load balancer.', { type: loadBalancerStatusSchema, always: true }),
    field('conditions', 2, 'What is known about it.', {
      type: conditionSchema,
      repeated: true,
      patchStrategy: 'merge',
      patchMergeKey: 'type',
      listType: 'map',
      listMapKeys: ['type'],
    }),
  ],
};

/** core/v1 Service. */
export const serviceSchema: MessageSchema = {
  name: `${CORE}Service`,
  description: 'A name, and mostly an address, for what several pods serve.',
  fields: [
    metadataField,
    field('spec', 2, 'What the service shall be.', { type: serviceSpecSchema, always: true }),
    field('status', 3, 'What the service is.', { type: serviceStatusSchema, always: true }),
  ],
};
