import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { GeneralName } from '../x509/general-name.js';
import { ATTRIBUTE, encodeName } from '../x509/name.js';
import { isKubernetesSigner, kubernetesRefusal } from './kubernetes-signers.js';

const SERVING = 'kubernetes.io/kubelet-serving';
const KUBELET = 'kubernetes.io/kube-apiserver-client-kubelet';
const CLIENT = 'kubernetes.io/kube-apiserver-client';

interface Case {
  readonly name: string;
  readonly signerName: string;
  readonly usages: readonly string[];
  /** Default: a node's. */
  readonly commonName?: string;
  readonly organizations?: readonly string[];
  readonly names?: readonly GeneralName[];
  readonly expect: string | undefined;
}

const DNS: GeneralName = { kind: 'dns', value: 'node-a' };
const IP: GeneralName = { kind: 'ip', bytes: new Uint8Array([10, 0, 0, 1]) };
const EMAIL: GeneralName = { kind: 'email', value: 'a@example.com' };
const SPIFFE: GeneralName = { kind: 'uri', value: 'spiffe://a/b' };

const SERVER = ['digital signature', 'server auth'];
const USER = ['digital signature', 'client auth'];
const NO_NODES = 'subject organization is not system:nodes';
const NO_NODE = 'subject common name does not begin with system:node:';
const SERVER_USAGES = 'usages did not match [digital signature key encipherment server auth]';
const CLIENT_USAGES = 'usages did not match [client auth digital signature key encipherment]';

const serving = { signerName: SERVING, usages: SERVER, names: [DNS] };
const kubelet = { signerName: KUBELET, usages: USER };
const client = { signerName: CLIENT, commonName: 'martha', organizations: ['x'], names: [DNS, EMAIL] };

const cases: readonly Case[] = [
  { name: 'a server of no organization', ...serving, organizations: [], expect: NO_NODES },
  { name: 'a server of two organizations', ...serving, organizations: ['system:nodes', 'x'], expect: NO_NODES },
  { name: 'a server without a name', ...serving, names: [], expect: 'DNS or IP subjectAltName is required' },
  {
    name: 'a server with an email address',
    ...serving,
    names: [DNS, EMAIL],
    expect: 'Email subjectAltNames are not allowed',
  },
  { name: 'a server with a URI', ...serving, names: [IP, SPIFFE], expect: 'URI subjectAltNames are not allowed' },
  { name: 'a server with the usages of a client', ...serving, usages: USER, expect: SERVER_USAGES },
  { name: 'a server with a usage too many', ...serving, usages: [...SERVER, 'client auth'], expect: SERVER_USAGES },
  { name: 'a server that is no node', ...serving, commonName: 'node-a', expect: NO_NODE },
  { name: 'a server with key encipherment', ...serving, usages: [...SERVER, 'key encipherment'], expect: undefined },
  { name: 'a server with an address', ...serving, names: [IP], expect: undefined },
  { name: 'the organization before anything else', ...serving, organizations: [], names: [], expect: NO_NODES },
  { name: 'a kubelet with a DNS name', ...kubelet, names: [DNS], expect: 'DNS subjectAltNames are not allowed' },
  { name: 'a kubelet with an email', ...kubelet, names: [EMAIL], expect: 'Email subjectAltNames are not allowed' },
  { name: 'a kubelet with an address', ...kubelet, names: [IP], expect: 'IP subjectAltNames are not allowed' },
  { name: 'a kubelet with a URI', ...kubelet, names: [SPIFFE], expect: 'URI subjectAltNames are not allowed' },
  { name: 'a kubelet that is no node', ...kubelet, commonName: 'martha', expect: NO_NODE },
  { name: 'a kubelet with the usages of a server', ...kubelet, usages: SERVER, expect: CLIENT_USAGES },
  { name: 'a kubelet with its subject and usages', ...kubelet, expect: undefined },
  {
    name: 'a client that will be a server',
    ...client,
    usages: ['server auth'],
    expect: 'invalid usage for client certificate: server auth',
  },
  {
    name: 'a client that does not say so',
    ...client,
    usages: ['digital signature'],
    expect: 'missing required usage for client certificate: client auth',
  },
  { name: 'a client with any subject and names', ...client, usages: ['client auth'], expect: undefined },
  { name: 'what is not its own', ...serving, signerName: 'example.com/a', usages: [], expect: undefined },
];

suite('signers of kube-controller-manager', () => {
  for (const { name, signerName, usages, commonName, organizations, names, expect } of cases) {
    test(`${expect === undefined ? 'do not refuse' : 'refuse'} ${name}`, () => {
      const subject = encodeName([
        ...(organizations ?? ['system:nodes']).map((value) => [{ oid: ATTRIBUTE.organization, value }]),
        [{ oid: ATTRIBUTE.commonName, value: commonName ?? 'system:node:node-a' }],
      ]);
      const request = { subject, subjectAltNames: names ?? [] };
      assert.equal(kubernetesRefusal(signerName, { request, usages }), expect);
    });
  }

  test('are those that v1 of the API takes requests for', () => {
    assert.deepEqual([SERVING, KUBELET, CLIENT].map(isKubernetesSigner), [true, true, true]);
    assert.deepEqual(['kubernetes.io/legacy-unknown', 'example.com/a'].map(isKubernetesSigner), [false, false]);
  });
});
