import assert from 'node:assert/strict';
import { test } from 'node:test';
import { requestInfo } from './request-info.js';

/** What routing and permission hang on, in one line. */
function shown(method: string, target: string): string {
  const info = requestInfo(method, target);
  if (info === undefined) return 'bad target';
  if (info.kind === 'path') return `${info.verb} path ${info.path}`;
  const group = `${info.group}/${info.version}`;
  const object = [info.namespace, info.resource, info.name, info.subresource].join('|');
  return `${info.verb} ${group} ${object}${info.tooLong ? ' too long' : ''}`;
}

const PATHS: readonly {
  readonly name: string;
  readonly request: readonly [string, string];
  readonly expect: string;
}[] = [
  {
    name: 'a doubled slash is no resource',
    request: ['GET', '/api/v1//configmaps'],
    expect: 'get path /api/v1//configmaps',
  },
  {
    name: 'a doubled slash at the end is no resource',
    request: ['GET', '/api/v1/configmaps//'],
    expect: 'get path /api/v1/configmaps//',
  },
  {
    name: 'dot segments are no resource',
    request: ['GET', '/api/v1/x/../configmaps'],
    expect: 'get path /api/v1/x/../configmaps',
  },
  {
    name: 'encoded dot segments are no resource',
    request: ['GET', '/api/v1/%2e%2e/configmaps'],
    expect: 'get path /api/v1/../configmaps',
  },
  { name: 'broken escapes are no target', request: ['GET', '/api/v1/%zz'], expect: 'bad target' },
  { name: 'malformed UTF-8 is no target', request: ['GET', '/api/v1/%ff'], expect: 'bad target' },
  { name: 'two segments are no resource', request: ['GET', '/api/v1'], expect: 'get path /api/v1' },
  { name: 'three segments under /apis are no resource', request: ['GET', '/apis/a/v1'], expect: 'get path /apis/a/v1' },
  {
    name: 'an unknown first segment is no resource',
    request: ['POST', '/x/v1/configmaps'],
    expect: 'post path /x/v1/configmaps',
  },
  { name: 'the root is no resource', request: ['GET', '/'], expect: 'get path /' },
  { name: 'a target without slash is no resource', request: ['OPTIONS', '*'], expect: 'options path *' },
  { name: 'a collection of the core group', request: ['GET', '/api/v1/nodes'], expect: 'list /v1 |nodes||' },
  { name: 'a trailing slash changes nothing', request: ['GET', '/api/v1/nodes/'], expect: 'list /v1 |nodes||' },
  {
    name: 'a namespaced collection',
    request: ['POST', '/api/v1/namespaces/a/configmaps'],
    expect: 'create /v1 a|configmaps||',
  },
  {
    name: 'an encoded slash is a slash',
    request: ['GET', '/api/v1/namespaces/default%2Fconfigmaps'],
    expect: 'list /v1 default|configmaps||',
  },
  {
    name: 'an object with a colon, raw or encoded',
    request: ['GET', '/apis/g/v1/things/a:b%3Ac'],
    expect: 'get g/v1 |things|a:b:c|',
  },
  { name: 'a plus is no space in a path', request: ['GET', '/api/v1/nodes/a+b'], expect: 'get /v1 |nodes|a+b|' },
  {
    name: 'a namespace is in itself',
    request: ['DELETE', '/api/v1/namespaces/a'],
    expect: 'delete /v1 a|namespaces|a|',
  },
  {
    name: 'subresources of a namespace',
    request: ['PUT', '/api/v1/namespaces/a/finalize'],
    expect: 'update /v1 a|namespaces|a|finalize',
  },
  { name: 'a subresource', request: ['PATCH', '/apis/g/v1/things/n/status'], expect: 'patch g/v1 |things|n|status' },
  {
    name: 'what follows a subresource',
    request: ['GET', '/apis/g/v1/things/n/status/x'],
    expect: 'get g/v1 |things|n|status too long',
  },
  { name: 'a watch', request: ['GET', '/api/v1/nodes?watch=1'], expect: 'watch /v1 |nodes||' },
  { name: 'a watch without value', request: ['GET', '/api/v1/nodes?watch'], expect: 'watch /v1 |nodes||' },
  { name: 'watch=false is a list', request: ['GET', '/api/v1/nodes?watch=false'], expect: 'list /v1 |nodes||' },
  { name: 'a name in the path is no watch', request: ['GET', '/api/v1/nodes/n?watch=1'], expect: 'get /v1 |nodes|n|' },
  {
    name: 'the old watch path',
    request: ['GET', '/api/v1/watch/namespaces/a/configmaps/c'],
    expect: 'watch /v1 a|configmaps|c|',
  },
  {
    name: 'DELETE of a collection',
    request: ['DELETE', '/api/v1/namespaces/a/configmaps'],
    expect: 'deletecollection /v1 a|configmaps||',
  },
  { name: 'HEAD asks for get', request: ['HEAD', '/api/v1/nodes/n'], expect: 'get /v1 |nodes|n|' },
  { name: 'an unknown method is its own verb', request: ['OPTIONS', '/api/v1/nodes'], expect: 'options /v1 |nodes||' },
  {
    name: 'a method that every object knows, too',
    request: ['constructor', '/api/v1/nodes'],
    expect: 'constructor /v1 |nodes||',
  },
  {
    name: 'and one that is no method of theirs',
    request: ['__proto__', '/api/v1/nodes'],
    expect: '__proto__ /v1 |nodes||',
  },
  {
    name: 'a target with scheme and host',
    request: ['GET', 'https://h:1/api/v1/nodes?watch=1'],
    expect: 'watch /v1 |nodes||',
  },
];

for (const { name, request, expect } of PATHS) {
  test(`request info: ${name}`, () => {
    assert.equal(shown(...request), expect);
  });
}

test('a name that a field selector pins is the name that permission is asked for', () => {
  const of = (query: string): string => {
    const info = requestInfo('GET', `/api/v1/namespaces/a/secrets?${query}`);
    return info?.kind === 'resource' ? `${info.verb} ${info.authorizedName} ${info.name}` : 'none';
  };
  assert.equal(of('fieldSelector=metadata.name%3Dtls'), 'list tls ');
  assert.equal(of('watch=1&fieldSelector=metadata.name%3Dtls'), 'watch tls ');
  assert.equal(of('fieldSelector=metadata.name!%3Dtls'), 'list  ');
  assert.equal(of('fieldSelector=metadata.name%3Da%2Fb'), 'list  ', 'a name that could not be in a path');
  assert.equal(of('fieldSelector=metadata.name%3D%3D%3D'), 'list  ', 'a selector that cannot be read');
});

test('deleting a collection asks for permission without a name', () => {
  const info = requestInfo('DELETE', '/api/v1/namespaces/a/secrets?fieldSelector=metadata.name%3Dtls');
  assert.equal(info?.kind === 'resource' ? info.authorizedName : 'none', '');
});
