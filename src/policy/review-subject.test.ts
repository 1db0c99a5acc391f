import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import type { ApprovalPolicySpec } from '../certificates/approval-policy.js';
import { ATTRIBUTE } from '../x509/name.js';
import { grantTexts, reviewOfCase, violationTexts, type ReviewCase } from './testing/decisions.js';
import { SERVING_WISH, type RequestWish } from './testing/requests.js';
import { NODE_REQUESTER, POD_REQUESTER } from './testing/world.js';

const nodes: Partial<ApprovalPolicySpec> = {
  requesters: { nodes: true },
  names: { ownNode: true, nodeAddresses: { dns: ['*.example.net'], cidrs: ['192.168.7.0/24'] } },
};
const nodeSubject: RequestWish = {
  requester: NODE_REQUESTER,
  commonName: 'system:node:node-a',
  organizations: ['system:nodes'],
};

const REFUSALS: readonly (ReviewCase & { readonly violations: readonly string[] })[] = [
  {
    name: 'a common name that is none of the names',
    wish: { ...SERVING_WISH, commonName: 'web' },
    violations: ['broken request.subject[0].CN: CN "web": it is not one of the names that the request asks for'],
  },
  {
    name: 'a common name without names',
    wish: { commonName: 'web.shop.svc' },
    violations: [
      'broken request.subject[0].CN: CN "web.shop.svc": it is not one of the names that the request asks for',
    ],
  },
  {
    name: 'reserved names as values of a subject: they are granted as names',
    spec: { names: { reservedNames: ['kubernetes.default.svc', '10.96.0.1'] } },
    wish: { commonName: 'kubernetes.default.svc', organizations: ['10.96.0.1'] },
    violations: [
      'broken request.subject[0].O: O "10.96.0.1": the policy grants no such value',
      'broken request.subject[1].CN: CN "kubernetes.default.svc": it is not one of the names that the request asks for',
    ],
  },
  {
    name: 'a common name that waits with its name',
    wish: { ips: ['10.0.34.9'], commonName: '10.0.34.9' },
    violations: [
      'unknown request.subjectAltNames[0]: IP "10.0.34.9": pod shop/web-7f does not hold it; it has 10.0.34.2',
      'unknown request.subject[0].CN: CN "10.0.34.9": it waits for request.subjectAltNames[0]',
    ],
  },
  {
    name: 'a common name where none is taken',
    spec: { subject: { commonName: 'Forbidden' } },
    wish: { ips: ['10.0.34.2'], commonName: '10.0.34.2' },
    violations: ['broken request.subject[0].CN: the policy takes no common name'],
  },
  {
    name: 'no common name where one is required',
    spec: { subject: { commonName: 'Required' } },
    violations: ['broken request.subject: it has no common name, and the policy requires one'],
  },
  {
    name: 'values of the subject that the policy does not list, to the letter',
    spec: { subject: { organizations: ['Shop'] } },
    wish: {
      ips: ['10.0.34.2'],
      subject: [
        [{ oid: ATTRIBUTE.organization, value: 'shop' }],
        [{ oid: ATTRIBUTE.organizationalUnit, value: 'Shop' }],
        [{ oid: ATTRIBUTE.serialNumber, value: '1' }],
      ],
    },
    violations: [
      'broken request.subject[0].O: O "shop": the policy grants no such value',
      'broken request.subject[1].OU: OU "Shop": the policy grants no such value',
      'broken request.subject[2].serialNumber: serialNumber "1": the policy grants no such value',
    ],
  },
  {
    name: 'groups and users of Kubernetes itself',
    wish: { ips: ['10.0.34.2'], organizations: ['system:masters'], commonName: 'system:admin' },
    violations: [
      'contradicted request.subject[0].O: O "system:masters": values that begin with "system:" are those of Kubernetes itself',
      'contradicted request.subject[1].CN: CN "system:admin": values that begin with "system:" are those of Kubernetes itself',
    ],
  },
  {
    name: "a node's subject from a pod",
    spec: { names: { ownNode: true, provable: ['PodIP'] } },
    wish: { ...nodeSubject, requester: POD_REQUESTER, ips: ['10.0.34.2'] },
    violations: ['O "system:nodes"', 'CN "system:node:node-a"'].map(
      (value, i) =>
        `contradicted request.subject[${i}].${value.split(' ')[0] ?? ''}: ${value}: it is the subject of node node-a, and no node asks`,
    ),
  },
  {
    name: "another node's subject, and a further group",
    spec: nodes,
    wish: { ...nodeSubject, commonName: 'system:node:node-b', dns: ['node-a'] },
    violations: ['O "system:nodes"', 'CN "system:node:node-b"'].map(
      (value, i) =>
        `contradicted request.subject[${i}].${value.split(' ')[0] ?? ''}: ${value}: it is the subject of node node-b, and node node-a asks`,
    ),
  },
  {
    name: 'what a node does not report, and what lies beyond the bounds of the policy',
    spec: nodes,
    wish: { ...nodeSubject, dns: ['node-b.example.net', 'node-a.example.com'], ips: ['192.168.7.12', '192.168.8.1'] },
    violations: [
      'unknown request.subjectAltNames[0]: DNS "node-b.example.net": node node-a does not report it',
      'broken request.subjectAltNames[1]: DNS "node-a.example.com": the policy grants no such name',
      'unknown request.subjectAltNames[2]: IP "192.168.7.12": node node-a does not report it',
      'broken request.subjectAltNames[3]: IP "192.168.8.1": the policy grants no such name',
    ],
  },
];

const GRANTS: readonly (ReviewCase & { readonly grants: readonly string[] })[] = [
  {
    name: 'a common name that is a granted DNS name in another case, or a granted address',
    wish: { dns: ['web.shop.svc'], commonName: 'Web.Shop.SVC' },
    grants: ['DNS web.shop.svc by ServiceDNS', 'CN Web.Shop.SVC by ServiceDNS'],
  },
  {
    name: 'a common name that is a granted address',
    wish: { ips: ['10.0.34.2'], commonName: '10.0.34.2' },
    grants: ['IP 10.0.34.2 by PodIP', 'CN 10.0.34.2 by PodIP'],
  },
  {
    name: 'values of the subject that are listed for their attribute',
    spec: { subject: { organizations: ['Shop', 'Shop & Sons'], countries: ['DE'] } },
    wish: {
      ips: ['10.0.34.2'],
      subject: [
        [{ oid: ATTRIBUTE.country, value: 'DE' }],
        [
          { oid: ATTRIBUTE.organization, value: 'Shop' },
          { oid: ATTRIBUTE.organization, value: 'Shop & Sons' },
        ],
      ],
    },
    grants: ['IP 10.0.34.2 by PodIP', 'C DE by subject', 'O Shop by subject', 'O Shop & Sons by subject'],
  },
  {
    name: "a node's subject, its name, and what it reports within the bounds",
    spec: nodes,
    wish: { ...nodeSubject, dns: ['node-a', 'node-a.example.net'], ips: ['192.168.7.11'] },
    grants: [
      'DNS node-a by ownNode',
      'DNS node-a.example.net by nodeAddresses',
      'IP 192.168.7.11 by nodeAddresses',
      'O system:nodes by ownNode',
      'CN system:node:node-a by ownNode',
    ],
  },
];

describe('the subject in a review', () => {
  for (const { violations, ...one } of REFUSALS) {
    it(`refuses ${one.name}`, () => assert.deepEqual(violationTexts(reviewOfCase(one)), violations));
  }

  for (const { grants, ...one } of GRANTS) {
    it(`grants ${one.name}`, () => assert.deepEqual(grantTexts(reviewOfCase(one)), grants));
  }
});
