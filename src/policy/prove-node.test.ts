import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseIpNetwork } from '../base/ip-network.js';
import type { RequestedName } from '../certificates/normalised-request.js';
import type { NameInput } from '../x509/name.js';
import { ATTRIBUTE } from '../x509/name.js';
import { proveNodeName, proveNodeSubject, type NodeBounds } from './prove-node.js';
import { proofContextOf, verdictText, type ProofWish } from './testing/proof.js';
import { NODE, NODE_REQUESTER, POD, POD_REQUESTER, SERVICE, USER_REQUESTER } from './testing/world.js';

const CN = 'system:node:node-a';
const O = ['system:nodes'];
const value = (oid: string | undefined, text: string): { readonly oid: string; readonly value: string } => ({
  oid: oid ?? '',
  value: text,
});

interface SubjectCase {
  readonly name: string;
  readonly commonName?: string;
  readonly organizations?: readonly string[];
  readonly subject?: NameInput;
  readonly wish?: ProofWish;
  readonly verdict: RegExp;
}

const SUBJECTS: readonly SubjectCase[] = [
  {
    name: 'another node',
    commonName: 'system:node:node-b',
    verdict: /^contradicted: it is the subject of node node-b, and node node-a asks$/,
  },
  { name: 'another organization', organizations: ['system:masters'], verdict: /^contradicted: the organization/ },
  {
    name: 'a second organization',
    organizations: [...O, 'system:masters'],
    verdict: /^contradicted: the organization/,
  },
  { name: 'the organization twice', organizations: [...O, ...O], verdict: /^contradicted: the organization/ },
  { name: 'no organization', organizations: [], verdict: /^contradicted: the organization/ },
  {
    name: 'an organizational unit',
    subject: [
      [value(ATTRIBUTE.organization, 'system:nodes')],
      [value(ATTRIBUTE.organizationalUnit, 'x')],
      [value(ATTRIBUTE.commonName, CN)],
    ],
    verdict: /^contradicted: the subject of a node has no OU$/,
  },
  {
    name: 'a second common name',
    subject: [
      [value(ATTRIBUTE.organization, 'system:nodes')],
      [value(ATTRIBUTE.commonName, 'x')],
      [value(ATTRIBUTE.commonName, CN)],
    ],
    verdict: /^contradicted: the subject has 2 common names/,
  },
  { name: 'no name of a node', commonName: 'system:node:', verdict: /^contradicted: no node can be called ""$/ },
  {
    name: 'an impossible name of a node',
    commonName: 'system:node:a b',
    verdict: /^contradicted: no node can be called "a b"$/,
  },
  {
    name: 'a node for a pod',
    wish: { requester: POD_REQUESTER },
    verdict: /^contradicted: it is the subject of node node-a, and no node asks$/,
  },
  { name: 'a node for a user', wish: { requester: USER_REQUESTER }, verdict: /^contradicted: .* no node asks$/ },
  {
    name: 'a node by its name without its group',
    wish: { requester: { ...NODE_REQUESTER, groups: ['system:authenticated'] } },
    verdict: /^contradicted: .* no node asks$/,
  },
  { name: 'a node that is not there', wish: { cluster: { nodes: [] } }, verdict: /^unknown: there is no node node-a/ },
  {
    name: 'a node that is being deleted',
    wish: { cluster: { nodes: [{ ...NODE, deleting: true }] } },
    verdict: /^unknown: there is no node node-a/,
  },
  { name: 'a common name that is none of a node', commonName: 'node-a', verdict: /^no kind$/ },
  { name: 'a common name in other letters', commonName: 'System:node:node-a', verdict: /^no kind$/ },
  { name: 'an organization alone', subject: [[value(ATTRIBUTE.organization, 'system:nodes')]], verdict: /^no kind$/ },
  { name: 'no subject', subject: [], verdict: /^no kind$/ },
];
for (const { name, commonName = CN, organizations = O, subject, wish = {}, verdict } of SUBJECTS) {
  test(`does not prove the subject of a node: ${name}`, () => {
    const request = subject === undefined ? { commonName, organizations } : { subject };
    assert.match(
      verdictText(proveNodeSubject(proofContextOf({ requester: NODE_REQUESTER, request, ...wish }))),
      verdict,
    );
  });
}

test('proves CN = its username and O = system:nodes of a node', () => {
  const verdict = proveNodeSubject(
    proofContextOf({ requester: NODE_REQUESTER, request: { commonName: CN, organizations: O } }),
  );
  assert.equal(verdictText(verdict), 'proven ownNode: it is the subject of node node-a');
  assert.ok(verdict?.kind === 'proven');
  assert.deepEqual(verdict.evidence, [{ kind: 'Node', name: 'node-a', uid: 'uid-node-a', resourceVersion: '103' }]);
});

function networks(...texts: readonly string[]): NodeBounds['nodeAddresses']['cidrs'] {
  return texts.map((text) => parseIpNetwork(text) ?? assert.fail(text));
}

const BOUNDS: NodeBounds = {
  ownNode: true,
  nodeAddresses: {
    dns: ['*.example.net', 'web.shop', 'lb.example.com', '**.svc.cluster.local'],
    cidrs: networks('192.168.0.0/16', 'fd00::/8', '0.0.0.0/1'),
  },
};
const NO_BOUNDS = { dns: [], cidrs: [] };

interface NameCase {
  readonly name: string;
  readonly text: string;
  readonly type?: RequestedName['type'];
  readonly wish?: ProofWish;
  readonly bounds?: NodeBounds;
  readonly verdict: RegExp;
}
const reports = (...addresses: readonly string[]): ProofWish => ({
  cluster: { nodes: [{ ...NODE, ips: addresses, dnsNames: addresses }] },
});
const OTHER_NODE = { ...NODE, name: 'node-b', uid: 'b', ips: ['192.168.7.12'], dnsNames: ['node-b.example.net'] };

const NAMES: readonly NameCase[] = [
  {
    name: 'its name, where that is not granted',
    text: 'node-a',
    bounds: { ...BOUNDS, ownNode: false },
    verdict: /^no kind$/,
  },
  { name: 'the name of another node', text: 'node-b', verdict: /^no kind$/ },
  { name: 'a name of which its own is the beginning', text: 'node-a.evil.org', verdict: /^no kind$/ },
  {
    name: 'its name for somebody in system:nodes who is no node',
    text: 'node-a',
    wish: { requester: { ...USER_REQUESTER, groups: ['system:nodes'] } },
    verdict: /^no kind$/,
  },
  { name: 'its name as a wildcard', text: '*.node-a', verdict: /^no kind$/ },
  {
    name: 'its name when it is not there',
    text: 'node-a',
    wish: { cluster: { nodes: [] } },
    verdict: /^unknown: there is no node node-a/,
  },
  {
    name: 'its name when that is one of a Service',
    text: 'web.shop.svc',
    wish: {
      requester: { ...NODE_REQUESTER, username: 'system:node:web.shop.svc' },
      cluster: { nodes: [{ ...NODE, name: 'web.shop.svc' }] },
    },
    verdict: /^contradicted: it is a name of pods or Services$/,
  },
  {
    name: 'its name when that is localhost',
    text: 'localhost',
    wish: {
      requester: { ...NODE_REQUESTER, username: 'system:node:localhost' },
      cluster: { nodes: [{ ...NODE, name: 'localhost' }] },
    },
    verdict: /^contradicted: it is a name of the machine itself$/,
  },
  {
    name: 'a name that it reports beyond what the policy bounds',
    text: 'node-a.evil.org',
    wish: reports('node-a.evil.org'),
    verdict: /^no kind$/,
  },
  {
    name: 'an address that it reports beyond what the policy bounds',
    text: '203.0.113.1',
    type: 'ip',
    wish: reports('203.0.113.1'),
    verdict: /^no kind$/,
  },
  {
    name: 'an address that it reports, without bounds',
    text: '192.168.7.11',
    type: 'ip',
    bounds: { ownNode: true, nodeAddresses: NO_BOUNDS },
    verdict: /^no kind$/,
  },
  {
    name: 'a name that it does not report',
    text: 'x.example.net',
    verdict: /^unknown: node node-a does not report it$/,
  },
  {
    name: 'an address that it does not report',
    text: '192.168.7.99',
    type: 'ip',
    verdict: /^unknown: node node-a does not report it$/,
  },
  {
    name: 'an address of another node',
    text: '192.168.7.12',
    type: 'ip',
    wish: { cluster: { nodes: [NODE, OTHER_NODE] } },
    verdict: /^contradicted: it belongs to node node-b$/,
  },
  {
    name: 'a name of another node',
    text: 'node-b.example.net',
    wish: { cluster: { nodes: [NODE, OTHER_NODE] } },
    verdict: /^contradicted: it belongs to node node-b$/,
  },
  {
    name: 'an address that another node reports, too',
    text: '192.168.7.11',
    type: 'ip',
    wish: { cluster: { nodes: [NODE, { ...OTHER_NODE, ips: ['192.168.7.11'] }] } },
    verdict: /^unknown: node node-a reports it, and node node-b has it too$/,
  },
  {
    name: 'a name that is the name of another node',
    text: 'b.example.net',
    wish: {
      cluster: {
        nodes: [
          { ...NODE, dnsNames: ['b.example.net'] },
          { ...OTHER_NODE, name: 'b.example.net', dnsNames: [] },
        ],
      },
    },
    verdict: /^unknown: .* and node b\.example\.net has it too$/,
  },
  {
    name: 'the address of a pod',
    text: '10.0.34.2',
    type: 'ip',
    wish: reports('10.0.34.2'),
    verdict: /^unknown: .* and pod shop\/web-7f has it too$/,
  },
  {
    name: 'the address of a pod that it does not report',
    text: '10.0.34.2',
    type: 'ip',
    verdict: /^contradicted: it belongs to pod shop\/web-7f$/,
  },
  {
    name: 'the address of a node that has gone, before it reports any',
    text: '192.168.7.12',
    type: 'ip',
    wish: { cluster: { nodes: [{ ...NODE, ips: [], dnsNames: [] }, OTHER_NODE] } },
    verdict: /^unknown: node node-a does not report it$/,
  },
  {
    name: 'its address where a pod of another node holds it on the network of its host',
    text: '192.168.7.11',
    type: 'ip',
    wish: { cluster: { pods: [{ ...POD, hostNetwork: true, nodeName: 'node-b', ips: ['192.168.7.11'] }] } },
    verdict: /^unknown: .* and pod shop\/web-7f has it too$/,
  },
  {
    name: 'the cluster IP of a Service',
    text: '172.20.0.9',
    type: 'ip',
    bounds: { ownNode: true, nodeAddresses: { dns: [], cidrs: networks('172.16.0.0/12') } },
    wish: reports('172.20.0.9'),
    verdict: /^contradicted: it is a cluster IP of Service shop\/web$/,
  },
  {
    name: 'an address that a Service lists as external',
    text: '192.168.7.11',
    type: 'ip',
    wish: { cluster: { services: [{ ...SERVICE, externalIPs: ['192.168.7.11'] }] } },
    verdict: /^unknown: .* and Service shop\/web has it too$/,
  },
  {
    name: 'the name of a load balancer',
    text: 'lb.example.com',
    wish: {
      cluster: {
        nodes: [{ ...NODE, dnsNames: ['lb.example.com'] }],
        services: [{ ...SERVICE, ingressHostnames: ['lb.example.com'] }],
      },
    },
    verdict: /^unknown: .* and Service shop\/web has it too$/,
  },
  {
    name: 'the name of a Service with its namespace',
    text: 'web.shop',
    wish: reports('web.shop'),
    verdict: /^unknown: .* and Service shop\/web has it too$/,
  },
  {
    name: 'the name of a Service in the zone of the cluster',
    text: 'web.shop.svc.cluster.local',
    wish: reports('web.shop.svc.cluster.local'),
    verdict: /^contradicted: it is a name of pods or Services$/,
  },
  {
    name: 'the loopback address',
    text: '127.0.0.1',
    type: 'ip',
    wish: reports('127.0.0.1'),
    verdict: /^contradicted: it is a loopback address$/,
  },
  {
    name: 'the address of the API server',
    text: '192.168.7.11',
    type: 'ip',
    wish: { settings: { reserved: { dnsNames: [], ips: ['192.168.7.11'] } } },
    verdict: /^contradicted: the settings reserve it$/,
  },
  { name: 'a URI', text: 'spiffe://cluster.local/ns/shop/sa/web', type: 'uri', verdict: /^no kind$/ },
];
for (const { name, text, type = 'dns', wish = {}, bounds = BOUNDS, verdict } of NAMES) {
  test(`does not prove to a node ${name}`, () => {
    const context = proofContextOf({ requester: NODE_REQUESTER, ...wish });
    assert.match(verdictText(proveNodeName({ type, text, path: '' }, bounds, context)), verdict);
  });
}

const PROOFS: readonly NameCase[] = [
  {
    name: 'its own name',
    text: 'node-a',
    bounds: { ownNode: true, nodeAddresses: NO_BOUNDS },
    verdict: /^proven ownNode: it is the name of node node-a$/,
  },
  {
    name: 'its own name, whoever else reports it',
    text: 'node-a',
    wish: { cluster: { nodes: [NODE, { ...OTHER_NODE, dnsNames: ['node-a'] }] } },
    verdict: /^proven ownNode/,
  },
  {
    name: 'a name that it reports',
    text: 'node-a.example.net',
    verdict: /^proven nodeAddresses: node node-a reports it$/,
  },
  {
    name: 'an address that it reports',
    text: '192.168.7.11',
    type: 'ip',
    verdict: /^proven nodeAddresses: node node-a reports it$/,
  },
  {
    name: 'an address that its pods on its network have',
    text: '192.168.7.11',
    type: 'ip',
    wish: { cluster: { pods: [{ ...POD, hostNetwork: true, ips: ['192.168.7.11'] }] } },
    verdict: /^proven nodeAddresses/,
  },
  {
    name: 'an address that a pod had which has ended',
    text: '192.168.7.11',
    type: 'ip',
    wish: { cluster: { pods: [{ ...POD, phase: 'Succeeded', ips: ['192.168.7.11'] }] } },
    verdict: /^proven nodeAddresses/,
  },
];
for (const { name, text, type = 'dns', wish = {}, bounds = BOUNDS, verdict } of PROOFS) {
  test(`proves to a node ${name}`, () => {
    const context = proofContextOf({ requester: NODE_REQUESTER, ...wish });
    assert.match(verdictText(proveNodeName({ type, text, path: '' }, bounds, context)), verdict);
  });
}
