import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Clock } from '../base/clock.js';
import { FakeClock } from '../base/fake-clock.js';
import type { CompiledExpression, ExpressionEngine } from '../policy/expression.js';
import { loadCelEngine } from './cel-engine.js';

const engine = await loadCelEngine({ clock: new FakeClock() });

const names = Array.from({ length: 1000 }, (_, i) => `name-${i}.shop.svc.cluster.local`);
const GIVEN = { names, long: 'a'.repeat(8192), matched: 'a'.repeat(2048) };

function compiled(source: string, by: ExpressionEngine = engine): CompiledExpression<boolean> {
  const compilation = by.compileRule(source, { names: 'any', long: 'any', matched: 'any' });
  assert.ok(compilation.kind === 'compiled', JSON.stringify(compilation));
  return compilation.expression;
}

/** The clock stands still: only the cost can stop these. */
for (const source of [
  'names.all(x, names.all(y, true))',
  'names.all(x, names.all(y, y != x || true))',
  "!names.exists(x, names.exists(y, x + y == ''))",
  'names.map(x, names.map(y, y)).size() == 0',
  'names.map(x, names.filter(y, y != x)).size() == 0',
  'names.filter(x, names.exists_one(y, y == x)).size() == 1000',
  "!names.exists(x, 'nobody' in names)",
  'names.all(x, names == names.map(y, y))',
  'names.all(x, {"a": names} == {"a": names.map(y, y)})',
  '[names].map(b, b + b + b + b + b + b + b + b).map(c, c + c + c + c + c + c + c + c + c).size() == 1',
  "names.map(x, matched.split('b')).size() == 0",
  'names.all(x, long.lowerAscii() == long)',
  '!names.exists(x, long.contains(x + long))',
  "names.all(x, long.replace('b', '') == long)",
  "!names.exists(x, matched.matches('^(a|aa|aaa|[a-z]{1,200})+b$'))",
  "!names.exists(x, matched.matches('(.{1,20}){20}b'))",
]) {
  test(`stops ${source}`, () => {
    assert.deepEqual(compiled(source).evaluate(GIVEN), { kind: 'exceeded', what: 'cost' });
  });
}

for (const source of [
  '[long].map(b, b + b + b + b).map(c, c + c + c + c).map(d, d + d + d + d).size() == 1',
  'names.join(long).size() == 0',
  "long.replace('a', long).size() == 0",
  "long.matches('a')",
]) {
  test(`does not build or match what is too large: ${source}`, () => {
    const result = compiled(source).evaluate(GIVEN);
    assert.ok(result.kind === 'error', result.kind);
    assert.match(result.message, /longer than 65536|2048 characters at most|1000 pieces at most/);
  });
}

for (const source of [
  "names.all(n, n.endsWith('.svc.cluster.local'))",
  "names.all(n, n.matches('^[a-z0-9-]+[.]shop[.]svc[.]cluster[.]local$'))",
  'names.map(x, x).map(x, x).filter(x, x.size() > 0).size() == 1000',
  "names.exists(x, x == 'name-999.shop.svc.cluster.local')",
  'names == names',
]) {
  test(`takes a thousand names: ${source}`, () => {
    assert.deepEqual(compiled(source).evaluate(GIVEN), { kind: 'value', value: true });
  });
}

test('an evaluation that was stopped leaves nothing behind for the next', () => {
  const cheap = compiled("names[0] == 'name-0.shop.svc.cluster.local'");
  const dear = compiled('names.all(x, names.all(y, true))');
  for (let i = 0; i < 3; i++) {
    assert.equal(dear.evaluate(GIVEN).kind, 'exceeded');
    assert.deepEqual(cheap.evaluate(GIVEN), { kind: 'value', value: true });
  }
});

test('what was stopped has no answer, whatever stands beside it', () => {
  const expression = compiled('true || names.all(x, names.all(y, true))');
  assert.deepEqual(expression.evaluate(GIVEN), { kind: 'value', value: true });
  const after = compiled('names.all(x, names.all(y, true)) || true');
  assert.deepEqual(after.evaluate(GIVEN), { kind: 'exceeded', what: 'cost' });
});

test('the deadline stops what the cost would allow', async () => {
  let now = 0;
  const clock: Clock = { now: () => (now += 10), schedule: () => () => undefined };
  const impatient = await loadCelEngine({ clock, limits: { maxCost: 1e12, deadlineMs: 50 } });
  const before = now;
  const result = compiled('names.all(x, names.all(y, true))', impatient).evaluate(GIVEN);
  assert.deepEqual(result, { kind: 'exceeded', what: 'deadline' });
  assert.ok(now - before <= 100, 'the clock is looked at often enough');
});

test('the same evaluation costs the same, and ten times the names ten times as much', async () => {
  const source = "names.all(n, n.endsWith('.local') && n.matches('^[a-z0-9.-]+$'))";
  const few = names.slice(0, 100);
  const leastCost = async (given: readonly string[]): Promise<number> => {
    let [stopped, done] = [0, 500_000];
    while (done - stopped > 1) {
      const maxCost = Math.floor((stopped + done) / 2);
      const limited = await loadCelEngine({ clock: new FakeClock(), limits: { maxCost } });
      const { kind } = compiled(source, limited).evaluate({ names: given });
      if (kind === 'value') done = maxCost;
      else stopped = maxCost;
    }
    return done;
  };
  const cost = await leastCost(few);
  assert.equal(await leastCost(few), cost);
  const ratio = (await leastCost(names)) / cost;
  assert.ok(ratio > 8 && ratio < 12, `${ratio}`);
});
