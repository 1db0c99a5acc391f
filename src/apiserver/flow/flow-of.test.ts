import assert from 'node:assert/strict';
import { test } from 'node:test';
import { requestInfo } from '../routing/request-info.js';
import { flowOf } from './flow-of.js';

const AUTHENTICATED = 'system:authenticated';
const KUBE_SYSTEM = ['system:serviceaccounts', 'system:serviceaccounts:kube-system', AUTHENTICATED];

const cases: readonly {
  readonly name: string;
  readonly username: string;
  readonly groups: readonly string[];
  readonly target?: string;
  readonly inProcess?: true;
  readonly expect: string;
}[] = [
  { name: 'a superuser', username: 'root', groups: ['system:masters'], expect: 'exempt/exempt root patient' },
  { name: 'a node', username: 'system:node:a', groups: ['system:nodes'], expect: 'system/system-nodes system:node:a' },
  {
    name: 'the controller manager',
    username: 'system:kube-controller-manager',
    groups: [AUTHENTICATED],
    expect: 'workload-high/kube-controller-manager system:kube-controller-manager',
  },
  {
    name: 'the controller manager’s lease',
    username: 'system:kube-controller-manager',
    groups: [AUTHENTICATED],
    target: '/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/x',
    expect: 'leader-election/system-leader-election system:kube-controller-manager',
  },
  {
    name: 'an account of kube-system',
    username: 'system:serviceaccount:kube-system:x',
    groups: KUBE_SYSTEM,
    expect: 'workload-high/kube-system-service-accounts system:serviceaccount:kube-system:x',
  },
  {
    name: 'a workload',
    username: 'system:serviceaccount:default:x',
    groups: ['system:serviceaccounts', AUTHENTICATED],
    expect: 'workload-low/service-accounts system:serviceaccount:default:x',
  },
  { name: 'a person', username: 'jane', groups: [AUTHENTICATED], expect: 'global-default/global-default jane' },
  {
    name: 'nobody, by address',
    username: 'system:anonymous',
    groups: ['system:unauthenticated'],
    expect: 'catch-all/catch-all system:anonymous 192.0.2.1',
  },
  {
    name: 'a part of this process',
    username: 'system:signer',
    groups: [AUTHENTICATED],
    inProcess: true,
    expect: 'workload-high/own-controllers system:signer patient',
  },
  { name: 'a probe', username: 'x', groups: [], target: '/readyz', expect: 'none' },
  { name: 'a single check', username: 'x', groups: [], target: '/livez/ping', expect: 'none' },
  {
    name: 'what only begins like a probe',
    username: 'x',
    groups: [],
    target: '/readyzz',
    expect: 'global-default/global-default x',
  },
];

for (const { name, username, groups, target = '/api/v1/namespaces', inProcess = false, expect } of cases) {
  test(`the flow of ${name}`, () => {
    const info = requestInfo('GET', target);
    assert.ok(info !== undefined);
    const flow = flowOf({ user: { username, groups }, inProcess, address: '192.0.2.1' }, info);
    const text =
      flow === undefined ? 'none' : `${flow.level.name}/${flow.schema} ${flow.user}${flow.patient ? ' patient' : ''}`;
    assert.equal(text, expect);
  });
}
