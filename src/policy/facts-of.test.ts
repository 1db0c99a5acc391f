import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { OwnerReference } from '../kube/object-meta.js';
import {
  addressOf,
  endpointSliceFactsOf,
  namespaceFactsOf,
  nodeFactsOf,
  podFactsOf,
  serviceAccountFactsOf,
  serviceFactsOf,
} from './facts-of.js';

const metadata = { name: 'web', namespace: 'shop', uid: 'u1', resourceVersion: '7' };

const NO_ADDRESSES = [
  '',
  'None',
  'web',
  '10.0.0',
  '10.0.0.256',
  '10.0.0.7 ',
  '10.0.0.7/32',
  '0x0a.0.0.7',
  '10.0.0.7:443',
  '[fd00::7]',
  'fd00::7%eth0',
  'fd00:::7',
  `${'0'.repeat(50)}.0.0.0`,
];
for (const text of NO_ADDRESSES) {
  test(`takes ${JSON.stringify(text)} for no address`, () => assert.equal(addressOf(text), undefined));
}

const ADDRESSES: readonly (readonly [text: string, means: string])[] = [
  ['10.0.0.7', '10.0.0.7'],
  ['fd00::7', 'fd00::7'],
  ['FD00:0:0:0:0:0:0:7', 'fd00::7'],
  ['::ffff:10.0.0.7', '10.0.0.7'],
  ['::ffff:a00:7', '10.0.0.7'],
  ['010.000.0.07', '10.0.0.7'],
];
for (const [text, means] of ADDRESSES) {
  test(`takes ${text} for ${means}`, () => assert.equal(addressOf(text), means));
}

test('takes the facts of a pod, its addresses each once', () => {
  const pod = podFactsOf({
    metadata: { ...metadata, labels: { app: 'web' }, deletionTimestamp: '2026-01-01T00:00:00Z' },
    spec: { serviceAccountName: 'sa', nodeName: 'n1', hostNetwork: true, hostname: 'web-0', subdomain: 'web' },
    status: {
      phase: 'Running',
      podIP: '10.0.0.7',
      podIPs: [{ ip: '10.0.0.7' }, { ip: 'FD00::7' }, {}],
      hostIP: '192.168.0.1',
      hostIPs: [{ ip: '192.168.0.1' }, { ip: 'none' }],
    },
  });
  assert.deepEqual(pod, {
    ...metadata,
    labels: { app: 'web' },
    serviceAccountName: 'sa',
    nodeName: 'n1',
    hostNetwork: true,
    hostname: 'web-0',
    subdomain: 'web',
    phase: 'Running',
    deleting: true,
    ips: ['10.0.0.7', 'fd00::7'],
    hostIPs: ['192.168.0.1'],
  });
});

test('takes a pod without status for one that holds nothing', () => {
  const { ips, hostIPs, phase, deleting, hostNetwork } = podFactsOf({
    metadata: { name: 'a', deletionTimestamp: null },
  });
  assert.deepEqual(
    { ips, hostIPs, phase, deleting, hostNetwork },
    { ips: [], hostIPs: [], phase: '', deleting: false, hostNetwork: false },
  );
});

test('takes every address of a Service, by who gave it', () => {
  const service = serviceFactsOf({
    metadata,
    spec: {
      type: 'LoadBalancer',
      selector: { app: 'web' },
      clusterIP: '172.20.0.9',
      clusterIPs: ['172.20.0.9', 'fd01::9'],
      externalIPs: ['203.0.113.1'],
    },
    status: {
      loadBalancer: { ingress: [{ ip: '203.0.113.2' }, { hostname: 'LB.example.net' }, { hostname: '203.0.113.3' }] },
    },
  });
  assert.deepEqual(service, {
    ...metadata,
    type: 'LoadBalancer',
    selector: { app: 'web' },
    headless: false,
    clusterIPs: ['172.20.0.9', 'fd01::9'],
    externalIPs: ['203.0.113.1'],
    ingressIPs: ['203.0.113.2'],
    ingressHostnames: ['lb.example.net'],
    deleting: false,
  });
});

test('takes None for no address, but for a headless Service', () => {
  const service = serviceFactsOf({ metadata, spec: { clusterIP: 'None', clusterIPs: ['None'] } });
  assert.deepEqual([service.headless, service.clusterIPs, service.type], [true, [], 'ClusterIP']);
});

const owner: OwnerReference = { apiVersion: 'v1', kind: 'Service', name: 'web', uid: 'svc-1', controller: true };
const OWNERS: readonly (readonly [name: string, owners: readonly OwnerReference[], uid: string])[] = [
  ['nobody', [], ''],
  ['a Service that does not control it', [{ ...owner, controller: false }], ''],
  ['an object of another kind', [{ ...owner, kind: 'Endpoints' }], ''],
  ['a Service of another group', [{ ...owner, apiVersion: 'serving.example.com/v1' }], ''],
  ['a Service that controls it, among others', [{ ...owner, controller: false, uid: 'x' }, owner], 'svc-1'],
];
for (const [name, ownerReferences, uid] of OWNERS) {
  test(`takes an EndpointSlice that is owned by ${name} for one of ${uid === '' ? 'no Service' : 'that Service'}`, () => {
    assert.equal(endpointSliceFactsOf({ metadata: { ...metadata, ownerReferences } }).serviceUid, uid);
  });
}

test('takes the pods of a slice, ready or not, and nothing else that endpoints point at', () => {
  const slice = endpointSliceFactsOf({
    metadata,
    endpoints: [
      { addresses: ['10.0.0.7', 'bad'], targetRef: { kind: 'Pod', uid: 'p1' }, conditions: { ready: false } } as object,
      { addresses: ['10.0.0.8'], targetRef: { kind: 'Node', uid: 'n1' } },
      { addresses: ['10.0.0.9'], targetRef: { kind: 'Pod', uid: '' } },
      { targetRef: { kind: 'Pod', uid: 'p1' } },
      {},
    ],
  });
  assert.deepEqual(slice.podUids, ['p1']);
  assert.deepEqual(slice.addresses, ['10.0.0.7', '10.0.0.8', '10.0.0.9']);
  assert.deepEqual(endpointSliceFactsOf({ metadata, endpoints: null }).podUids, []);
});

test('sorts what a Node reports into addresses and names, by what they are', () => {
  const node = nodeFactsOf({
    metadata: { name: 'n1' },
    status: {
      addresses: [
        { type: 'InternalIP', address: '192.168.0.1' },
        { type: 'Hostname', address: 'N1' },
        { type: 'Hostname', address: '192.168.0.2' },
        { type: 'ExternalDNS', address: 'n1.example.net' },
        { type: 'InternalDNS', address: '' },
      ],
    },
  });
  assert.deepEqual(
    [node.ips, node.dnsNames],
    [
      ['192.168.0.1', '192.168.0.2'],
      ['n1', 'n1.example.net'],
    ],
  );
});

test('takes the facts of namespaces and service accounts', () => {
  const { namespace: _, ...plain } = metadata;
  assert.deepEqual(namespaceFactsOf({ metadata: { ...plain, labels: { team: 'a' } } }), {
    ...plain,
    labels: { team: 'a' },
    deleting: false,
  });
  assert.deepEqual(serviceAccountFactsOf({ metadata }), { ...metadata, deleting: false });
});
