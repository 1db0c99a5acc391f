import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import type { Requester } from '../certificates/normalised-request.js';
import { EXPRESSION_VARIABLES, expressionVariables } from './expression-variables.js';
import type { ExpressionShape } from './expression.js';
import { identify } from './identity.js';
import { NOW } from './testing/decisions.js';
import { ED25519_KEY, requestOf, SERVING_WISH, type RequestWish } from './testing/requests.js';
import { ACCOUNT_REQUESTER, NODE_REQUESTER, POD_REQUESTER, shopFacts, USER_REQUESTER } from './testing/world.js';

/** Where a value does not have its shape. Absent fields have every shape. */
function misfits(value: unknown, shape: ExpressionShape, path: string): readonly string[] {
  if (value === undefined) return [];
  if (typeof shape === 'string') {
    const fits = shape === 'integer' ? Number.isInteger(value) : typeof value === shape;
    return fits ? [] : [`${path} is no ${shape}`];
  }
  if (shape.kind === 'list') {
    if (!Array.isArray(value)) return [`${path} is no list`];
    return value.flatMap((item, i) => misfits(item, shape.items, `${path}[${i}]`));
  }
  return Object.entries(value as object).flatMap(([key, field]) => {
    const expected = shape.kind === 'map' ? shape.values : shape.fields[key];
    return expected === undefined ? [`${path} has no field ${key}`] : misfits(field, expected, `${path}.${key}`);
  });
}

type Fields = Readonly<Record<string, unknown>>;

interface Variables {
  readonly request: Fields;
  readonly identity: Fields;
  readonly facts: Fields;
}

function variablesOf(wish: RequestWish): Variables {
  const facts = shopFacts();
  const request = requestOf(wish);
  const identity = identify(request.requester, facts);
  return expressionVariables({ request, identity, facts, now: NOW }) as unknown as Variables;
}

describe('expressionVariables', () => {
  const requesters: readonly Requester[] = [POD_REQUESTER, ACCOUNT_REQUESTER, NODE_REQUESTER, USER_REQUESTER];
  for (const requester of requesters) {
    it(`has the shape that is documented, where ${requester.username} asks`, () => {
      const wishes: readonly RequestWish[] = [
        { ...SERVING_WISH, requester },
        { requester, commonName: 'x', organizations: ['a', 'b'], expirationSeconds: 600, publicKeyDer: ED25519_KEY },
      ];
      for (const wish of wishes) {
        const shape: ExpressionShape = { kind: 'record', fields: EXPRESSION_VARIABLES };
        assert.deepEqual(misfits(variablesOf(wish), shape, ''), []);
      }
    });
  }

  it('tells who asks, and of what they stand on only what is theirs', () => {
    const kinds = requesters.map((requester) => {
      const { identity, facts } = variablesOf({ ...SERVING_WISH, requester });
      const known = Object.entries(facts).flatMap(([name, value]) => (value === undefined ? [] : [name]));
      return [identity['kind'], ...known];
    });
    assert.deepEqual(kinds, [
      ['Pod', 'pod', 'namespace', 'node'],
      ['ServiceAccount', 'namespace'],
      ['Node', 'node'],
      ['User'],
    ]);
  });

  it('leaves out what is not known, and has empty lists where there is nothing', () => {
    const { request } = variablesOf({ dns: ['a.example.com'] });
    assert.equal(request['expirationSeconds'], undefined);
    assert.deepEqual(request['subject'], {
      commonName: undefined,
      organizations: [],
      organizationalUnits: [],
      countries: [],
      localities: [],
      provinces: [],
    });
    assert.deepEqual(request['ipAddresses'], []);
    assert.deepEqual(request['key'], { algorithm: 'ECDSA', curve: 'P-256' });
  });
});
