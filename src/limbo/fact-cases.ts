import { parseIp } from '../base/ip-address.js';
import type { FactStore } from '../policy/fact-store.js';
import type { GeneralName } from '../x509/general-name.js';
import { withExtra, type IdentityCase } from './identity-case.js';
import { DB_NAMES, nodeOf, podOf, serviceOf, sliceOf, WEB_NAMES } from './shop.js';

const dns = (value: string): GeneralName => ({ kind: 'dns', value });
const ip = (text: string): GeneralName => ({ kind: 'ip', bytes: parseIp(text) ?? new Uint8Array() });
const WEB_POD_IP = [ip(WEB_NAMES.podIp)];
const WEB_SERVICE_IP = [ip(WEB_NAMES.serviceIp)];

const change = (
  id: string,
  title: string,
  of: (facts: FactStore) => void,
  expect: IdentityCase['expect'],
  more: Partial<IdentityCase> = {},
): IdentityCase => ({ id: `facts/${id}`, title, change: of, expect, ...more });

/** The pod is not what it was. */
const POD_CASES: readonly IdentityCase[] = [
  change('pod-gone', 'the pod is gone', (facts) => facts.remove('Pod', 'shop', 'web-1'), 'withholds'),
  change(
    'pod-recreated',
    'a pod of the same name was made anew',
    (facts) => facts.set('Pod', podOf('web', WEB_NAMES.podIp, { uid: 'pod-web-2' })),
    'withholds',
  ),
  change(
    'pod-terminating',
    'the pod is being deleted',
    (facts) => facts.set('Pod', podOf('web', WEB_NAMES.podIp, { deleting: true })),
    'withholds',
  ),
  change(
    'pod-failed',
    'the pod has failed',
    (facts) => facts.set('Pod', podOf('web', WEB_NAMES.podIp, { phase: 'Failed' })),
    'withholds',
  ),
  change(
    'pod-succeeded',
    'the pod has ended',
    (facts) => facts.set('Pod', podOf('web', WEB_NAMES.podIp, { phase: 'Succeeded' })),
    'withholds',
  ),
  change(
    'account-gone',
    'the service account is gone',
    (facts) => facts.remove('ServiceAccount', 'shop', 'web'),
    'withholds',
  ),
  change(
    'pod-pending',
    'a pod that has not started: its Service has it, readiness is not asked',
    (facts) => facts.set('Pod', podOf('web', WEB_NAMES.podIp, { phase: 'Pending' })),
    'approves',
  ),
  change(
    'other-account',
    'the pod runs under another account',
    (facts) => facts.set('Pod', podOf('web', WEB_NAMES.podIp, { serviceAccountName: 'db' })),
    'withholds',
  ),
];

/** Whose address it is. */
const ADDRESS_CASES: readonly IdentityCase[] = [
  { id: 'facts/ip-own', title: "the pod's own address", names: WEB_POD_IP, expect: 'approves' },
  change(
    'ip-none',
    'a pod that has no address yet',
    (facts) => facts.set('Pod', podOf('web', '', { ips: [] })),
    'defers',
    { names: WEB_POD_IP },
  ),
  change(
    'ip-two-holders',
    'two pods that say they hold the address',
    (facts) => facts.set('Pod', podOf('db', WEB_NAMES.podIp)),
    'defers',
    { names: WEB_POD_IP, history: 'KEP-4872: reuse of addresses' },
  ),
  change(
    'ip-of-ended-pod',
    'an ended pod that still shows the address: only the living hold one',
    (facts) => facts.set('Pod', podOf('db', WEB_NAMES.podIp, { phase: 'Succeeded' })),
    'approves',
    { names: WEB_POD_IP },
  ),
  change(
    'ip-host-network',
    "a pod on the host's network: its address is the node's",
    (facts) => facts.set('Pod', podOf('web', '192.168.7.11', { hostNetwork: true })),
    'withholds',
    { names: [ip('192.168.7.11')] },
  ),
  change(
    'ip-of-node',
    "a pod that says it holds a node's address",
    (facts) => facts.set('Pod', podOf('web', '192.168.7.11', { hostIPs: [] })),
    'withholds',
    { names: [ip('192.168.7.11')], history: 'k0s#8333: self-reported addresses' },
  ),
  change(
    'ip-host-ip',
    "a pod whose address is its host's",
    (facts) => facts.set('Pod', podOf('web', '192.168.9.9', { hostIPs: ['192.168.9.9'] })),
    'withholds',
    { names: [ip('192.168.9.9')] },
  ),
  change(
    'ip-of-service',
    "a pod that says it holds a Service's address",
    (facts) => facts.set('Pod', podOf('web', DB_NAMES.serviceIp)),
    'withholds',
    { names: [ip(DB_NAMES.serviceIp)] },
  ),
  change(
    'ip-of-api-server',
    "a pod that says it holds the API server's address",
    (facts) => facts.set('Pod', podOf('web', '10.96.0.1')),
    'withholds',
    { names: [ip('10.96.0.1')], history: 'k0s#8333' },
  ),
  change(
    'ip-of-api-server-endpoint',
    'a pod that says it holds the address that the API server listens at',
    (facts) => {
      const more = { name: 'kubernetes', namespace: 'default', serviceUid: '', podUids: [], addresses: ['192.0.2.7'] };
      facts.set('EndpointSlice', sliceOf('kubernetes', '192.0.2.7', more));
      facts.set('Pod', podOf('web', '192.0.2.7'));
    },
    'denies',
    { names: [ip('192.0.2.7')], history: 'k0s#8333' },
  ),
  change(
    'ip-external',
    "a pod that says it holds a Service's external address",
    (facts) => {
      facts.set('Service', serviceOf('db', DB_NAMES.serviceIp, { externalIPs: ['192.0.2.10'] }));
      facts.set('Pod', podOf('web', '192.0.2.10'));
    },
    'withholds',
    { names: [ip('192.0.2.10')] },
  ),
  change(
    'ip-ingress',
    "a pod that says it holds a load balancer's address",
    (facts) => {
      facts.set('Service', serviceOf('db', DB_NAMES.serviceIp, { ingressIPs: ['192.0.2.11'] }));
      facts.set('Pod', podOf('web', '192.0.2.11'));
    },
    'withholds',
    { names: [ip('192.0.2.11')] },
  ),
  change(
    'ip-loopback',
    'a pod that says it holds loopback',
    (facts) => facts.set('Pod', podOf('web', '127.0.0.1')),
    'withholds',
    { names: [ip('127.0.0.1')] },
  ),
  change(
    'ip-metadata',
    "a pod that says it holds the metadata service's address",
    (facts) => facts.set('Pod', podOf('web', '169.254.169.254')),
    'withholds',
    { names: [ip('169.254.169.254')] },
  ),
  change(
    'ip-dual-stack',
    'the second address of a pod with two families',
    (facts) => facts.set('Pod', podOf('web', '', { ips: [WEB_NAMES.podIp, 'fd00::7'] })),
    'approves',
    { names: [ip('fd00::7')] },
  ),
  change(
    'ip-reused',
    "the address went to another pod after this one's death",
    (facts) => {
      facts.remove('Pod', 'shop', 'web-1');
      facts.set('Pod', podOf('db', WEB_NAMES.podIp));
    },
    'withholds',
    { names: WEB_POD_IP, history: 'KEP-4872' },
  ),
];

/** Whose Service it is. */
const SERVICE_CASES: readonly IdentityCase[] = [
  {
    id: 'facts/service-ip',
    title: 'the cluster IP of a Service that the pod backs',
    names: WEB_SERVICE_IP,
    expect: 'approves',
  },
  {
    id: 'facts/service-victim',
    title: 'a Service that another pod backs',
    names: [dns(DB_NAMES.serviceDns)],
    expect: 'denies',
  },
  {
    id: 'facts/service-absent',
    title: 'a Service that does not exist yet',
    names: [dns('new.shop.svc')],
    expect: 'withholds',
  },
  {
    id: 'facts/service-other-namespace',
    title: 'a Service of the same name in another namespace',
    names: [dns('web.other.svc')],
    expect: 'withholds',
  },
  change(
    'no-slice',
    'the endpoint is not there yet',
    (facts) => facts.remove('EndpointSlice', 'shop', 'web-x2k9p'),
    'defers',
  ),
  change(
    'slice-of-nobody',
    'a hand-written slice that no Service controls',
    (facts) =>
      facts.set(
        'EndpointSlice',
        sliceOf('db', WEB_NAMES.podIp, { name: 'forged', uid: 'forged', serviceUid: '', podUids: ['pod-web'] }),
      ),
    'withholds',
    { names: [dns(DB_NAMES.serviceDns)] },
  ),
  change(
    'slice-forged-owner',
    "a hand-written slice that says the victim's Service controls it: the Service selects other pods",
    (facts) =>
      facts.set(
        'EndpointSlice',
        sliceOf('db', WEB_NAMES.podIp, { name: 'forged', uid: 'forged', podUids: ['pod-web'] }),
      ),
    'withholds',
    { names: [dns(DB_NAMES.serviceDns)] },
  ),
  change(
    'no-selector',
    'a Service without a selector: anybody may write its endpoints',
    (facts) => facts.set('Service', serviceOf('web', WEB_NAMES.serviceIp, { selector: {} })),
    'withholds',
  ),
  change(
    'selector-left',
    'the Service no longer selects the pod',
    (facts) => facts.set('Service', serviceOf('web', WEB_NAMES.serviceIp, { selector: { app: 'web', tier: 'new' } })),
    'withholds',
  ),
  change(
    'label-stolen',
    "a pod that gives itself the victim's label, before any endpoint says so",
    (facts) => facts.set('Pod', podOf('web', WEB_NAMES.podIp, { labels: { app: 'db' } })),
    'withholds',
    { names: [dns(DB_NAMES.serviceDns)] },
  ),
  change(
    'external-name',
    'a Service that is only an alias',
    (facts) => facts.set('Service', serviceOf('web', '', { type: 'ExternalName', clusterIPs: [] })),
    'withholds',
  ),
  change(
    'service-recreated',
    'a Service of the same name was made anew: the endpoint is the old one’s',
    (facts) => facts.set('Service', serviceOf('web', WEB_NAMES.serviceIp, { uid: 'svc-web-2' })),
    'withholds',
  ),
  change('service-gone', 'the Service is gone', (facts) => facts.remove('Service', 'shop', 'web'), 'withholds'),
  change(
    'endpoint-of-namesake',
    'the endpoint points at an earlier pod of the same name',
    (facts) => facts.set('EndpointSlice', sliceOf('web', WEB_NAMES.podIp, { podUids: ['pod-web-before'] })),
    'withholds',
  ),
  change(
    'headless-ip',
    'a headless Service: None is no address',
    (facts) => facts.set('Service', serviceOf('web', '', { headless: true, clusterIPs: [] })),
    'withholds',
    { names: WEB_SERVICE_IP },
  ),
  change(
    'service-external-ip',
    'the external address of a Service that the pod backs',
    (facts) => facts.set('Service', serviceOf('web', WEB_NAMES.serviceIp, { externalIPs: ['192.0.2.12'] })),
    'withholds',
    { names: [ip('192.0.2.12')] },
  ),
  change(
    'service-ingress-name',
    "the load balancer's name of a Service that the pod backs",
    (facts) => facts.set('Service', serviceOf('web', WEB_NAMES.serviceIp, { ingressHostnames: ['lb.example.com'] })),
    'withholds',
    { names: [dns('lb.example.com')] },
  ),
  change(
    'public-service',
    'Service `google` in namespace `com`',
    (facts) => {
      facts.set('Service', serviceOf('web', WEB_NAMES.serviceIp, { name: 'google', namespace: 'com', uid: 'svc-web' }));
    },
    'withholds',
    { names: [dns('google.com')] },
  ),
];

/** Names of pods. */
const POD_NAME_CASES: readonly IdentityCase[] = [
  { id: 'facts/pod-dns', title: "the pod's own name", names: [dns(WEB_NAMES.podDns)], expect: 'approves' },
  { id: 'facts/pod-dns-victim', title: "another pod's name", names: [dns(DB_NAMES.podDns)], expect: 'denies' },
  {
    id: 'facts/pod-dns-other-namespace',
    title: 'the own name in another namespace',
    names: [dns('web-1.other.pod.cluster.local')],
    expect: 'withholds',
  },
  change(
    'pod-dns-dotted',
    'a pod whose name has a dot, so that it reads as another name',
    (facts) => facts.set('Pod', podOf('web', WEB_NAMES.podIp, { name: 'a.b' })),
    'withholds',
    { requester: withExtra({ 'pod-name': ['a.b'] }), names: [dns('a.b.shop.pod.cluster.local')] },
  ),
  change(
    'pod-dns-like-ip',
    "a pod whose name reads as another's dashed address",
    (facts) => facts.set('Pod', podOf('web', WEB_NAMES.podIp, { name: '10-244-1-8' })),
    'withholds',
    { requester: withExtra({ 'pod-name': ['10-244-1-8'] }), names: [dns('10-244-1-8.shop.pod.cluster.local')] },
  ),
  change(
    'hostname-not-headless',
    'hostname and subdomain, where the Service is not headless',
    (facts) => facts.set('Pod', podOf('web', WEB_NAMES.podIp, { hostname: 'web-1', subdomain: 'web' })),
    'withholds',
    { names: [dns('web-1.web.shop.svc.cluster.local')] },
  ),
  change(
    'hostname-other-service',
    "the victim's Service as subdomain",
    (facts) => {
      facts.set('Pod', podOf('web', WEB_NAMES.podIp, { hostname: 'db-1', subdomain: 'db' }));
      facts.set('Service', serviceOf('db', '', { headless: true, clusterIPs: [] }));
    },
    'withholds',
    { names: [dns('db-1.db.shop.svc.cluster.local')] },
  ),
];

/** Whether what is known may be believed. */
const STANDING_CASES: readonly IdentityCase[] = [
  change(
    'syncing',
    'caches that have not been read completely',
    (facts) => facts.setStanding({ kind: 'syncing', resources: ['pods'] }),
    'defers',
  ),
  change(
    'silent',
    'a cache that has heard nothing for long',
    (facts) => facts.setStanding({ kind: 'silent', resource: 'pods', seconds: 600 }),
    'defers',
  ),
  change(
    'silent-victim',
    "the victim's name while a cache is silent: not even a denial",
    (facts) => facts.setStanding({ kind: 'silent', resource: 'services', seconds: 600 }),
    'defers',
    { names: [dns(DB_NAMES.serviceDns)] },
  ),
  change(
    'node-b',
    'a second node with the same address as the first',
    (facts) => facts.set('Node', nodeOf('node-b', '192.168.7.11')),
    'approves',
  ),
];

/** Honest bytes and an honest sender, in a cluster where the name is not (any more, yet, alone) the requester's. */
export const FACT_CASES: readonly IdentityCase[] = [
  ...POD_CASES,
  ...ADDRESS_CASES,
  ...SERVICE_CASES,
  ...POD_NAME_CASES,
  ...STANDING_CASES,
];
