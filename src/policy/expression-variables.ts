import type { NormalisedRequest } from '../certificates/normalised-request.js';
import type { UnixSeconds } from '../base/clock.js';
import { parseTime } from '../kube/time.js';
import { ATTRIBUTE } from '../x509/name.js';
import type { PublicKeyParts } from '../x509/public-key.js';
import type { ExpressionShape, ExpressionVariables } from './expression.js';
import type { Facts, NamespaceFacts, NodeFacts, PodFacts } from './facts.js';
import type { Identity } from './identity.js';

const STRINGS: ExpressionShape = { kind: 'list', items: 'string' };
const LABELS: ExpressionShape = { kind: 'map', values: 'string' };

function record(fields: Readonly<Record<string, ExpressionShape>>): ExpressionShape {
  return { kind: 'record', fields };
}

/**
 * The variables of a rule. Lists are empty where there is nothing; every other field that is not known is absent, so that
 * a rule that asks for it without `has()` has no value, and the request waits.
 */
export const EXPRESSION_VARIABLES: ExpressionVariables = {
  request: record({
    name: 'string',
    signerName: 'string',
    usages: STRINGS,
    expirationSeconds: 'integer',
    /** Since it was created. */
    ageSeconds: 'integer',
    dnsNames: STRINGS,
    ipAddresses: STRINGS,
    uris: STRINGS,
    emailAddresses: STRINGS,
    subject: record({
      commonName: 'string',
      organizations: STRINGS,
      organizationalUnits: STRINGS,
      countries: STRINGS,
      localities: STRINGS,
      provinces: STRINGS,
    }),
    /** `RSA`, `ECDSA` or `Ed25519`; bits for RSA, curve for ECDSA. */
    key: record({ algorithm: 'string', bits: 'integer', curve: 'string' }),
  }),
  identity: record({
    /** `Pod`, `ServiceAccount`, `Node` or `User`. */
    kind: 'string',
    username: 'string',
    uid: 'string',
    groups: STRINGS,
    extra: { kind: 'map', values: STRINGS },
    /** Of a pod or a service account. */
    namespace: 'string',
    serviceAccountName: 'string',
    podName: 'string',
    podUID: 'string',
    /** Of a node, or of the pod's node. */
    nodeName: 'string',
  }),
  facts: record({
    pod: record({
      name: 'string',
      namespace: 'string',
      uid: 'string',
      labels: LABELS,
      serviceAccountName: 'string',
      nodeName: 'string',
      hostNetwork: 'boolean',
      hostname: 'string',
      subdomain: 'string',
      phase: 'string',
      ips: STRINGS,
      hostIPs: STRINGS,
    }),
    /** The namespace of the pod or of the service account. */
    namespace: record({ name: 'string', labels: LABELS }),
    /** The node that asks, or the pod's. */
    node: record({ name: 'string', ips: STRINGS, dnsNames: STRINGS }),
  }),
};

/** What the variables are made from. */
export interface VariableSources {
  readonly request: NormalisedRequest;
  readonly identity: Identity;
  readonly facts: Facts;
  readonly now: UnixSeconds;
}

/** The variables of one decision, for every rule of every policy. */
export function expressionVariables(sources: VariableSources): Readonly<Record<string, unknown>> {
  const { request, identity, facts, now } = sources;
  return { request: requestValue(request, now), identity: identityValue(identity), facts: factsValue(identity, facts) };
}

/**
 * Looks at the facts that rules may ask about, whether or not there are rules: whoever records the lookups can then say
 * what a new rule would have said.
 */
export function lookAtVariables(identity: Identity, facts: Facts): void {
  factsValue(identity, facts);
}

function requestValue(request: NormalisedRequest, now: UnixSeconds): Readonly<Record<string, unknown>> {
  const namesOf = (type: string): readonly string[] =>
    request.names.filter((name) => name.type === type).map(({ text }) => text);
  const valuesOf = (oid: string): readonly string[] =>
    request.subject.filter((value) => value.oid === oid).map(({ value }) => value);
  const created = request.creationTimestamp === undefined ? undefined : parseTime(request.creationTimestamp);
  return {
    name: request.name,
    signerName: request.signerName,
    usages: request.usages,
    expirationSeconds: request.expirationSeconds,
    ageSeconds: created === undefined ? undefined : Math.max(0, now - created),
    dnsNames: namesOf('dns'),
    ipAddresses: namesOf('ip'),
    uris: namesOf('uri'),
    emailAddresses: namesOf('email'),
    subject: {
      commonName: valuesOf(ATTRIBUTE.commonName)[0],
      organizations: valuesOf(ATTRIBUTE.organization),
      organizationalUnits: valuesOf(ATTRIBUTE.organizationalUnit),
      countries: valuesOf(ATTRIBUTE.country),
      localities: valuesOf(ATTRIBUTE.locality),
      provinces: valuesOf(ATTRIBUTE.province),
    },
    key: keyValue(request.request.publicKey.key),
  };
}

function keyValue(key: PublicKeyParts): Readonly<Record<string, unknown>> {
  switch (key.kind) {
    case 'rsa':
      return { algorithm: 'RSA', bits: key.bits };
    case 'ecdsa':
      return { algorithm: 'ECDSA', curve: key.curve };
    case 'ed25519':
      return { algorithm: 'Ed25519' };
    case 'unsupported':
      return {};
  }
}

function identityValue(identity: Identity): Readonly<Record<string, unknown>> {
  const { username, uid, groups, extra } = identity.requester;
  const common = { username, uid, groups, extra };
  switch (identity.kind) {
    case 'pod': {
      const { namespace, name, uid: podUID, serviceAccountName, nodeName } = identity.pod;
      return {
        kind: 'Pod',
        ...common,
        namespace,
        serviceAccountName,
        podName: name,
        podUID,
        ...(nodeName === '' ? {} : { nodeName }),
      };
    }
    case 'serviceAccount':
      return {
        kind: 'ServiceAccount',
        ...common,
        namespace: identity.namespace,
        serviceAccountName: identity.name,
      };
    case 'node':
      return { kind: 'Node', ...common, nodeName: identity.nodeName };
    case 'user':
      return { kind: 'User', ...common };
  }
}

function factsValue(identity: Identity, facts: Facts): Readonly<Record<string, unknown>> {
  switch (identity.kind) {
    case 'pod':
      return {
        pod: podValue(identity.pod),
        namespace: namespaceValue(facts.namespace(identity.pod.namespace)),
        node: nodeValue(facts.node(identity.pod.nodeName)),
      };
    case 'serviceAccount':
      return { namespace: namespaceValue(facts.namespace(identity.namespace)) };
    case 'node':
      return { node: nodeValue(identity.node) };
    case 'user':
      return {};
  }
}

function podValue(pod: PodFacts): Readonly<Record<string, unknown>> {
  const { name, namespace, uid, labels, serviceAccountName, nodeName, hostNetwork } = pod;
  const { hostname, subdomain, phase, ips, hostIPs } = pod;
  return {
    name,
    namespace,
    uid,
    labels,
    serviceAccountName,
    nodeName,
    hostNetwork,
    hostname,
    subdomain,
    phase,
    ips,
    hostIPs,
  };
}

function namespaceValue(namespace: NamespaceFacts | undefined): Readonly<Record<string, unknown>> | undefined {
  return namespace === undefined ? undefined : { name: namespace.name, labels: namespace.labels };
}

function nodeValue(node: NodeFacts | undefined): Readonly<Record<string, unknown>> | undefined {
  return node === undefined ? undefined : { name: node.name, ips: node.ips, dnsNames: node.dnsNames };
}
