import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { PathAttributes, ResourceAttributes } from './authorizer.js';
import type { PolicyRule } from '../../registry/roles/validate-rules.js';
import { ruleAllowsPath, ruleAllowsResource } from './rule-match.js';

const user = { username: 'u', groups: [] };

function asks(verb: string, group: string, resource: string, name = ''): ResourceAttributes {
  const [main = '', subresource = ''] = resource.split('/');
  return { kind: 'resource', user, verb, group, version: 'v1', resource: main, subresource, namespace: '', name };
}

function gets(path: string, verb = 'get'): PathAttributes {
  return { kind: 'path', user, verb, path };
}

const pods: PolicyRule = { verbs: ['get', 'list'], apiGroups: [''], resources: ['pods'] };
const named: PolicyRule = { ...pods, resourceNames: ['a', 'b'] };
const logs: PolicyRule = { verbs: ['get'], apiGroups: [''], resources: ['*/log'] };
const everything: PolicyRule = { verbs: ['*'], apiGroups: ['*'], resources: ['*'] };
const paths: PolicyRule = { verbs: ['get'], nonResourceURLs: ['/api', '/apis/*', '/x*'] };

const refusedResources: readonly (readonly [string, PolicyRule, ResourceAttributes])[] = [
  ['another verb', pods, asks('delete', '', 'pods')],
  ['another group', pods, asks('get', 'apps', 'pods')],
  ['another resource', pods, asks('get', '', 'secrets')],
  ['a subresource by the rule for its resource', pods, asks('get', '', 'pods/log')],
  ['the resource by a rule for all of one subresource', logs, asks('get', '', 'pods')],
  ['another subresource', logs, asks('get', '', 'pods/logs')],
  ['a subresource whose end is the same', logs, asks('get', '', 'pods/xlog')],
  ['an object that is not named', named, asks('get', '', 'pods', 'c')],
  ['a list where the rule names objects', named, asks('list', '', 'pods')],
  ['a name that is only a prefix', named, asks('get', '', 'pods', 'aa')],
  ['a literal star as verb where none is granted', pods, asks('*', '', 'pods')],
  ['anything by a rule for paths', paths, asks('get', '', 'pods')],
  ['anything by a rule without verbs', { apiGroups: [''], resources: ['pods'] }, asks('get', '', 'pods')],
  ['anything by a rule without resources', { verbs: ['get'], apiGroups: [''] }, asks('get', '', 'pods')],
];

for (const [name, rule, attributes] of refusedResources) {
  test(`a rule does not allow ${name}`, () => {
    assert.equal(ruleAllowsResource(rule, attributes), false);
  });
}

const allowedResources: readonly (readonly [string, PolicyRule, ResourceAttributes])[] = [
  ['what it lists', pods, asks('list', '', 'pods')],
  ['an object that it names', named, asks('get', '', 'pods', 'b')],
  ['any object where it names none', pods, asks('get', '', 'pods', 'c')],
  ['one subresource of every resource', logs, asks('get', '', 'jobs/log')],
  ['a subresource that it lists', { ...pods, resources: ['pods/log'] }, asks('get', '', 'pods/log')],
  ['everything by stars', everything, asks('impersonate', 'x', 'y/z', 'n')],
  [
    'a subresource that holds a slash',
    { ...pods, resources: ['userextras/a.b/c'] },
    {
      ...asks('get', '', 'userextras'),
      subresource: 'a.b/c',
    },
  ],
];

for (const [name, rule, attributes] of allowedResources) {
  test(`a rule allows ${name}`, () => {
    assert.equal(ruleAllowsResource(rule, attributes), true);
  });
}

test('a rule for paths matches exactly, or as a prefix with a star at its end', () => {
  const allowed = ['/api', '/apis/', '/apis/apps/v1', '/x', '/xyz'];
  const refused = ['/api/', '/api/v1', '/apis', '/', '/y'];
  assert.deepEqual(
    allowed.map((path) => ruleAllowsPath(paths, gets(path))),
    allowed.map(() => true),
  );
  assert.deepEqual(
    refused.map((path) => ruleAllowsPath(paths, gets(path))),
    refused.map(() => false),
  );
  assert.equal(ruleAllowsPath(paths, gets('/api', 'post')), false);
  assert.equal(ruleAllowsPath(everything, gets('/api')), false);
});
