import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { KubeObject } from '../object-meta.js';
import { StatusError } from '../status.js';
import { LAST_APPLIED } from './last-applied.js';
import { type Application, resolveApply } from './resolve-apply.js';
import {
  apply,
  ownership,
  sample,
  SAMPLE,
  SAMPLE_STATUS,
  stored,
  update,
  type Wanted,
} from '../../../test/sample-kind.js';

const LATER = '2026-01-01T00:00:09Z';

function refusal(run: () => unknown): StatusError['status'] {
  try {
    run();
  } catch (error) {
    if (error instanceof StatusError) return error.status;
    throw error;
  }
  throw new Error('it was not refused');
}

function withoutOwners(object: KubeObject): KubeObject {
  const { managedFields: _owners, ...metadata } = object.metadata;
  return { ...object, metadata };
}

const REFUSED: readonly {
  readonly name: string;
  readonly configuration: Application['configuration'];
  readonly code: number;
  readonly message: string;
}[] = [
  { name: 'an empty configuration', configuration: {}, code: 400, message: 'invalid object type: /, Kind=' },
  {
    name: 'a configuration without version',
    configuration: { kind: 'Sample' },
    code: 400,
    message: 'invalid object type: /, Kind=Sample',
  },
  {
    name: 'another kind',
    configuration: { ...sample({}), kind: 'Other' },
    code: 400,
    message: 'invalid object type: example.io/v1, Kind=Other',
  },
  {
    name: 'another version',
    configuration: { ...sample({}), apiVersion: 'v1' },
    code: 400,
    message: 'invalid object type: /v1, Kind=Sample',
  },
  {
    name: 'managed fields, even none',
    configuration: sample({ metadata: { managedFields: [] } }),
    code: 400,
    message: 'metadata.managedFields must be nil',
  },
  {
    name: 'an unknown field',
    configuration: { ...sample({}), zzz: 1 },
    code: 500,
    message: 'failed to create typed patch object (/s; example.io/v1, Kind=Sample): .zzz: field not declared in schema',
  },
  {
    name: 'several unknown fields',
    configuration: { ...sample({ metadata: { namespace: 'n' } }), yyy: 1, zzz: 1 },
    code: 500,
    message:
      'failed to create typed patch object (n/s; example.io/v1, Kind=Sample): errors:\n' +
      '  .yyy: field not declared in schema\n  .zzz: field not declared in schema',
  },
];

for (const { name, configuration, code, message } of REFUSED) {
  test(`refuses ${name}`, () => {
    const application = { manager: 'one', force: true, now: LATER, configuration };
    const status = refusal(() => resolveApply(SAMPLE, application, undefined));
    assert.deepEqual([status.code, status.message], [code, message]);
  });
}

test('conflicts with everybody who owns what would change, and names all of it', () => {
  let live = apply(undefined, 'one', { spec: { count: 1 } });
  live = update(live, 'two', { spec: { count: 1, ports: [{ port: 1, name: 'a' }], words: ['w'] } });
  live = update(
    live,
    'ctl',
    { spec: { count: 1, ports: [{ port: 1, name: 'a' }], words: ['w'] }, status: { phase: 'x' } },
    { kind: SAMPLE_STATUS },
  );
  const wanted = { spec: { count: 2, ports: [{ port: 1, name: 'b' }], words: ['w'] } };
  const status = refusal(() => apply(live, 'three', wanted));
  assert.deepEqual(status, {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message:
      'Apply failed with 2 conflicts: conflicts with "one":\n- .spec.count\n' +
      'conflicts with "two" using example.io/v1:\n- .spec.ports[port=1].name',
    reason: 'Conflict',
    details: {
      causes: [
        { reason: 'FieldManagerConflict', message: 'conflict with "one"', field: '.spec.count' },
        {
          reason: 'FieldManagerConflict',
          message: 'conflict with "two" using example.io/v1',
          field: '.spec.ports[port=1].name',
        },
      ],
    },
    code: 409,
  });
  const phase = refusal(() => apply(live, 'three', { status: { phase: 'y' } }, { kind: SAMPLE_STATUS }));
  assert.equal(
    phase.message,
    'Apply failed with 1 conflict: conflict with "ctl" with subresource "status" using example.io/v1: .status.phase',
  );
});

test('force takes what is in conflict, and nothing else', () => {
  const live = apply(undefined, 'one', { spec: { count: 1, total: 1 } });
  const forced = apply(live, 'two', { spec: { count: 2 } }, { force: true });
  assert.deepEqual(ownership(forced), ['Apply one: {"f:spec":{"f:total":{}}}', 'Apply two: {"f:spec":{"f:count":{}}}']);
});

test('the same value is owned by all who apply it, and stays until the last gives it up', () => {
  let live = apply(undefined, 'one', { spec: { count: 1, total: 1 } });
  live = apply(live, 'two', { spec: { count: 1 } });
  live = apply(live, 'one', { spec: { total: 1 } });
  assert.deepEqual(ownership(live), ['Apply one: {"f:spec":{"f:total":{}}}', 'Apply two: {"f:spec":{"f:count":{}}}']);
  live = apply(live, 'two', {});
  assert.deepEqual(ownership(live), ['Apply one: {"f:spec":{"f:total":{}}}']);
  assert.deepEqual(live, apply(stored(live), 'one', { spec: { total: 1 } }));
});

const PRUNES: readonly {
  readonly name: string;
  readonly before: Wanted;
  readonly now: Wanted;
  readonly left: object;
}[] = [
  { name: 'a value', before: { spec: { count: 1 } }, now: {}, left: {} },
  {
    name: 'an entry of a map',
    before: { spec: { cpu: { a: '1', b: '2' } } },
    now: { spec: { cpu: { a: '1' } } },
    left: { cpu: { a: '1' } },
  },
  {
    name: 'an item of a list',
    before: { spec: { ports: [{ port: 1 }, { port: 2 }] } },
    now: { spec: { ports: [{ port: 2 }] } },
    left: { ports: [{ port: 2 }] },
  },
  {
    name: 'a value of a set',
    before: { spec: { words: ['a', 'b'] } },
    now: { spec: { words: ['b'] } },
    left: { words: ['b'] },
  },
  {
    name: 'a field of an item',
    before: { spec: { ports: [{ port: 1, name: 'a' }] } },
    now: { spec: { ports: [{ port: 1 }] } },
    left: { ports: [{ port: 1 }] },
  },
];

for (const { name, before, now, left } of PRUNES) {
  test(`removes ${name} that is no longer applied`, () => {
    const after = apply(apply(undefined, 'one', before), 'one', now);
    assert.deepEqual(withoutOwners(after), stored(sample({ spec: left })));
  });
}

test('an item goes with what somebody else put into it; a field of a message stays for its sake', () => {
  const live = apply(undefined, 'one', { spec: { ports: [{ port: 1 }], strategy: { note: 'n' } } });
  const more = update(live, 'two', {
    spec: { ports: [{ port: 1, targetPort: 5 }], strategy: { note: 'n', type: 't' } },
  });
  const after = apply(more, 'one', {});
  assert.deepEqual(withoutOwners(after), stored(sample({ spec: { strategy: { type: 't' } } })));
  assert.deepEqual(ownership(after), ['Update two: {"f:spec":{"f:strategy":{"f:type":{}}}}']);
});

test('what was there before the first apply is attributed to an owner of its own', () => {
  const live = stored(sample({ spec: { count: 1 } }));
  const status = refusal(() => apply(live, 'one', { spec: { count: 2 } }));
  assert.equal(
    status.message,
    'Apply failed with 1 conflict: conflict with "before-first-apply" using example.io/v1: .spec.count',
  );
  assert.deepEqual(ownership(apply(live, 'one', { spec: { total: 1 } })), [
    'Apply one: {"f:spec":{"f:total":{}}}',
    'Update before-first-apply: {"f:spec":{"f:count":{}}}',
  ]);
});

test('fields that the endpoint does not take are applied by nobody', () => {
  const live = apply(undefined, 'one', { spec: { count: 1 }, status: { phase: 'x' } });
  assert.deepEqual(ownership(live), ['Apply one: {"f:spec":{"f:count":{}}}']);
});

test('time is that of the last change, in values or in ownership', () => {
  const times = (object: KubeObject): readonly (string | undefined)[] =>
    (object.metadata.managedFields ?? []).map(({ time }) => time);
  const live = apply(undefined, 'one', { spec: { count: 1 } });
  assert.deepEqual(times(apply(live, 'one', { spec: { count: 1 } }, { now: LATER })), ['2026-01-01T00:00:00Z']);
  assert.deepEqual(times(apply(live, 'one', { spec: { count: 2 } }, { now: LATER })), [LATER]);
  assert.deepEqual(times(apply(live, 'two', { spec: { count: 1 } }, { now: LATER })), ['2026-01-01T00:00:00Z', LATER]);
});

/** An object after `kubectl apply` of the client's side. */
function clientApplied(spec: object, before?: KubeObject): KubeObject {
  const text = JSON.stringify(sample({ spec }));
  const wanted = { metadata: { annotations: { [LAST_APPLIED]: text } }, spec };
  return update(before, 'kubectl-client-side-apply', wanted);
}

test('kubectl takes over what its client-side apply left, and keeps the annotation true', () => {
  const live = clientApplied({ count: 1, total: 1 });
  const after = apply(live, 'kubectl', { spec: { count: 2, total: 1 } });
  assert.equal(
    after.metadata.annotations?.[LAST_APPLIED],
    '{"apiVersion":"example.io/v1","kind":"Sample","metadata":{"name":"s"},"spec":{"count":2,"total":1}}\n',
  );
  assert.match(ownership(after)[0] ?? '', /^Apply kubectl: \{"f:spec":\{"f:count":\{\},"f:total":\{\}\}\}$/);
});

test('kubectl does not take over what somebody changed since, nor does anybody else', () => {
  const live = clientApplied({ count: 1 });
  assert.match(refusal(() => apply(live, 'other', { spec: { count: 2 } })).message ?? '', /kubectl-client-side-apply/);
  const annotations = live.metadata.annotations;
  const changed = update(live, 'editor', { metadata: { annotations }, spec: { count: 3 } });
  assert.match(refusal(() => apply(changed, 'kubectl', { spec: { count: 2 } })).message ?? '', /with "editor"/);
});

test('an annotation that is no configuration allows nothing', () => {
  for (const text of ['{', '[]', '"x"', '{"apiVersion":"v2"}', `{"apiVersion":"example.io/v1","spec":7}`]) {
    const live = update(undefined, 'k', { metadata: { annotations: { [LAST_APPLIED]: text } }, spec: { count: 1 } });
    assert.equal(refusal(() => apply(live, 'kubectl', { spec: { count: 2 } })).code, 409);
  }
});

test('an annotation that would grow too large goes', () => {
  const live = clientApplied({ count: 1 });
  const after = apply(live, 'kubectl', { metadata: { annotations: { big: 'x'.repeat(200_000) } }, spec: { count: 1 } });
  assert.deepEqual(Object.keys(after.metadata.annotations ?? {}), ['big']);
});

const some = { minLength: 1 };
const entries = (...values: readonly string[]) =>
  fc.dictionary(fc.constantFrom('a', 'b', '__proto__'), fc.constantFrom(...values), { minKeys: 1 });
const ports = fc.uniqueArray(fc.record({ port: fc.integer({ min: 1, max: 4 }), name: fc.constantFrom('a', 'b') }), {
  selector: ({ port }) => port,
  ...some,
});
const specs = fc.record(
  {
    count: fc.integer({ min: 1, max: 3 }),
    cpu: entries('1', '2'),
    words: fc.uniqueArray(fc.constantFrom('x', 'y', 'z'), some),
    ports,
    selector: fc.record({ matchLabels: entries('1') }),
    rules: fc.array(fc.record({ port: fc.integer({ min: 1, max: 2 }) }), { ...some, maxLength: 2 }),
  },
  { requiredKeys: [] },
);
const histories = fc.array(fc.tuple(fc.constantFrom('one', 'two', 'three'), specs), { minLength: 1, maxLength: 6 });

function replay(history: readonly (readonly [string, object])[]): KubeObject {
  let live: KubeObject | undefined;
  for (const [manager, spec] of history) live = apply(live, manager, { spec }, { force: true });
  return live ?? stored(sample({}));
}

test('an apply that is repeated changes nothing', () => {
  fc.assert(
    fc.property(histories, (history) => {
      const live = replay(history);
      const [manager, spec] = history.at(-1) ?? ['one', {}];
      assert.deepEqual(apply(live, manager, { spec }, { now: LATER }), live);
    }),
  );
});

test('after a forced apply its configuration is what is stored, and everything in it is owned by its manager', () => {
  fc.assert(
    fc.property(histories, specs, (history, spec) => {
      const live = apply(replay(history), 'last', { spec }, { force: true });
      const after = apply(live, 'witness', { spec });
      const ownedBy = (name: string) => after.metadata.managedFields?.find(({ manager }) => manager === name)?.fieldsV1;
      assert.deepEqual(ownedBy('witness'), ownedBy('last'));
      assert.deepEqual(withoutOwners(after), withoutOwners(live));
    }),
  );
});

test('when every applier gives up everything, nothing that they made is left', () => {
  fc.assert(
    fc.property(histories, (history) => {
      let live = replay(history);
      for (const manager of ['one', 'two', 'three']) live = apply(live, manager, {}, { force: true });
      assert.deepEqual(live, stored(sample({})));
    }),
  );
});
