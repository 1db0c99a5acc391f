import assert from 'node:assert/strict';
import { test } from 'node:test';
import { requestInfo, type RequestInfo } from '../routing/request-info.js';
import { ListCosts } from './list-costs.js';

const KIB = 1024;

function info(target: string, method = 'GET'): RequestInfo {
  const found = requestInfo(method, target);
  assert.ok(found !== undefined);
  return found;
}

test('only lists, and watches that begin with everything, take more than one seat', () => {
  const costs = new ListCosts();
  for (const [target, seats] of [
    ['/version', 1],
    ['/api/v1/namespaces/a', 1],
    ['/api/v1/namespaces?watch=1&resourceVersion=7', 1],
    ['/api/v1/namespaces?watch=1', 4],
    ['/api/v1/namespaces?watch=1&resourceVersion=0', 4],
    ['/api/v1/namespaces?watch=1&resourceVersion=7&sendInitialEvents=true', 4],
    ['/api/v1/namespaces', 40],
  ] as const) {
    assert.equal(costs.seatsOf(info(target)), seats, target);
  }
});

test('a list is judged by the last ones like it, the larger the longer', () => {
  const costs = new ListCosts();
  const all = info('/api/v1/pods');
  costs.learn(all, 320 * KIB);
  assert.equal(costs.seatsOf(all), 10);
  costs.learn(all, KIB);
  assert.equal(costs.seatsOf(all), 9);
  for (let i = 0; i < 50; i++) costs.learn(all, KIB);
  assert.equal(costs.seatsOf(all), 1);
});

test('limit, selector, scope and resource make another list; page sizes are told apart roughly', () => {
  const costs = new ListCosts();
  costs.learn(info('/api/v1/pods'), 3200 * KIB);
  costs.learn(info('/api/v1/pods?limit=500'), 320 * KIB);
  for (const [target, seats] of [
    ['/api/v1/pods', 100],
    ['/api/v1/pods?limit=500', 10],
    ['/api/v1/pods?limit=499&continue=x', 10],
    ['/api/v1/pods?limit=500&resourceVersion=0', 100],
    ['/api/v1/pods?limit=-1', 100],
    ['/api/v1/namespaces/a/pods', 40],
    ['/api/v1/pods?labelSelector=a', 40],
    ['/api/v1/nodes', 40],
  ] as const) {
    assert.equal(costs.seatsOf(info(target)), seats, target);
  }
});
