import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HOSTILE_BYTES, HOSTILE_TEXTS } from '../../test/hostile.js';
import { FakeClock } from '../base/fake-clock.js';
import type { Compilation, ExpressionVariables } from '../policy/expression.js';
import { loadCelEngine } from './cel-engine.js';

const engine = await loadCelEngine({ clock: new FakeClock() });

const VARIABLES: ExpressionVariables = {
  request: {
    kind: 'record',
    fields: {
      commonName: 'string',
      dnsNames: { kind: 'list', items: 'string' },
      expirationSeconds: 'integer',
      labels: { kind: 'map', values: 'string' },
      isCa: 'boolean',
      digest: 'bytes',
    },
  },
  facts: 'any',
};

const REQUEST = {
  commonName: 'web',
  dnsNames: ['web.shop.svc', 'web.shop.svc.cluster.local'],
  expirationSeconds: 3600,
  labels: { team: 'shop' },
  isCa: false,
  digest: Uint8Array.of(1, 2, 255),
};

const GIVEN = {
  request: REQUEST,
  facts: { ratio: 0.5, count: 1, nothing: null, pods: [{ name: 'web-1', ready: true }] },
};

function problemsOf(compilation: Compilation<unknown>): readonly string[] {
  return compilation.kind === 'refused' ? compilation.problems.map(({ detail }) => detail) : [];
}

function evaluated(source: string, given: Readonly<Record<string, unknown>> = GIVEN) {
  const compilation = engine.compileRule(source, VARIABLES);
  assert.ok(compilation.kind === 'compiled', problemsOf(compilation).join('; '));
  return compilation.expression.evaluate(given);
}

for (const { name, source, problem } of [
  { name: 'nothing', source: ' ', problem: /there is no expression/ },
  { name: 'half an expression', source: 'request.isCa &&', problem: /cannot be parsed: line 1, column / },
  { name: 'what is too long', source: `'${'a'.repeat(4096)}' == ''`, problem: /4104 characters, at most 4096/ },
  { name: 'too many brackets', source: '('.repeat(3000), problem: /nested more than 48 deep/ },
  { name: 'brackets behind a comment', source: `// '\n${'['.repeat(300)}`, problem: /nested more than 48 deep/ },
  { name: 'brackets behind a string', source: `r'\\' == ${'{'.repeat(300)}`, problem: /nested more than 48 deep/ },
  { name: 'a long chain', source: `facts${'.a'.repeat(100)}`, problem: /nested more than 48 deep/ },
  { name: 'too many parts', source: Array(400).fill('!facts').join('||'), problem: /more than 1000 parts/ },
  { name: 'long lists', source: `1 in [${Array(101).fill('1').join(',')}]`, problem: /101 entries are written out/ },
  {
    name: 'loops that are nested thrice',
    source: 'facts.all(a, facts.all(b, facts.all(c, true)))',
    problem: /loops are nested more than 2 deep/,
  },
  {
    name: 'a name that nobody gave',
    source: 'requst.isCa',
    problem: /nothing is called "requst"; there are request, facts/,
  },
  { name: 'names that objects inherit', source: 'constructor == 1', problem: /nothing is called "constructor"/ },
  { name: 'a name outside of its loop', source: '[1].all(x, true) && x == 1', problem: /nothing is called "x"/ },
  {
    name: 'a mistyped field',
    source: "request.dnsName == ''",
    problem: /no field "dnsName" here; there are commonName, dnsNames/,
  },
  { name: 'fields that objects inherit', source: 'request.toString', problem: /no field "toString"/ },
  { name: 'has() of a mistyped field', source: 'has(request.cn)', problem: /no field "cn"/ },
  { name: 'a field of a list', source: 'request.dnsNames.first', problem: /a list has no field "first"/ },
  {
    name: 'a mistyped field in a loop',
    source: 'request.dnsNames.all(n, n.value == "")',
    problem: /a string has no field "value"/,
  },
  { name: 'an unknown function', source: 'facts.find("a")', problem: /there is no function find\(\)/ },
  { name: 'functions that objects inherit', source: 'facts.toString()', problem: /there is no function toString\(\)/ },
  { name: 'functions of the package that are not listed', source: 'facts.getHours() == 1', problem: /getHours\(\)/ },
  { name: 'a wrong number of arguments', source: "'a'.startsWith()", problem: /is written text.startsWith\(prefix\)/ },
  { name: 'a macro without a name', source: 'facts.all(1, true)', problem: /all\(\) is not written like this/ },
  { name: 'has() of a variable', source: 'has(request)', problem: /has\(\) is not written like this/ },
  { name: 'an argument of the wrong type', source: "'a'.startsWith(1)", problem: /takes a string, this is an integer/ },
  { name: 'a method on the wrong type', source: "request.dnsNames.endsWith('a')", problem: /this is a list/ },
  { name: 'a loop over a string', source: 'request.commonName.all(x, true)', problem: /only lists and maps/ },
  {
    name: 'comparisons that cannot hold',
    source: "request.expirationSeconds == '1'",
    problem: /an integer and a string have nothing in common/,
  },
  { name: 'membership that cannot hold', source: '1 in request.dnsNames', problem: /have nothing in common/ },
  { name: 'a condition that is none', source: 'request.commonName && true', problem: /must be true or false/ },
  { name: 'a sum of both kinds of number', source: '1 + 1.5 > 2.0', problem: /write double\(\)/ },
  { name: 'a rule that is a string', source: 'request.commonName', problem: /must be a boolean, this is a string/ },
  { name: 'unsigned integers', source: '1u == 1u', problem: /unsigned integer/ },
  { name: 'integers beyond 64 bits', source: '9223372036854775808 > 1', problem: /beyond 64 bits/ },
  { name: 'messages', source: 'google.protobuf.Empty{} == 1', problem: /there are no messages/ },
  { name: 'a pattern from the request', source: "'a'.matches(request.commonName)", problem: /must be written out/ },
  { name: 'a pattern that is put together', source: "'a'.matches('a' + 'b')", problem: /must be written out/ },
  { name: 'a pattern that is none', source: "'a'.matches('(')", problem: /not a pattern that can be used/ },
  { name: 'a pattern that looks back', source: "'a'.matches('(a)\\\\1')", problem: /not a pattern that can be used/ },
  { name: 'a pattern that looks ahead', source: "'a'.matches('(?=a)b')", problem: /not a pattern that can be used/ },
  {
    name: 'a pattern that is too large',
    source: "'a'.matches('(a{30}){30}x{200}')",
    problem: /at most 1000 are taken/,
  },
  { name: 'a pattern that would be huge', source: "'a'.matches('((a{99}){99}){99}')", problem: /not a pattern/ },
]) {
  test(`refuses ${name}`, () => {
    const problems = problemsOf(engine.compileRule(source, VARIABLES));
    assert.ok(
      problems.some((detail) => problem.test(detail)),
      problems.join('; '),
    );
  });
}

test('refuses everything that is wrong at once, each with its place', () => {
  const compilation = engine.compileRule("a == 1 || request.dnsNames.size() == 'x' || f()", VARIABLES);
  assert.deepEqual(compilation, {
    kind: 'refused',
    problems: [
      { detail: 'nothing is called "a"; there are request, facts', offset: 0 },
      { detail: 'an integer and a string have nothing in common', offset: 33 },
      { detail: 'there is no function f()', offset: 44 },
    ],
  });
});

test('never throws, whatever the source', () => {
  for (const source of HOSTILE_TEXTS) {
    engine.compileRule(source, VARIABLES);
    engine.compileMessage(source, VARIABLES);
  }
});

test('never throws, whatever the values', () => {
  const compilation = engine.compileRule('facts.all(x, x == request)', VARIABLES);
  assert.ok(compilation.kind === 'compiled');
  const odd = [null, undefined, NaN, Infinity, -0, 2 ** 64, 10n, [], {}, [[]], new Map(), () => 1];
  for (const value of [...HOSTILE_TEXTS, ...HOSTILE_BYTES, ...odd]) {
    compilation.expression.evaluate({ request: value, facts: [value] });
    compilation.expression.evaluate({ request: REQUEST, facts: value });
  }
});

for (const { name, source, message } of [
  { name: 'a field that is not there', source: 'facts.zone == 1', message: /field not found: zone/ },
  { name: 'has() below a field that is not there', source: 'has(facts.zone.name)', message: /field not found: zone/ },
  { name: 'what every object inherits', source: 'facts.constructor == 1', message: /field not found: constructor/ },
  { name: 'an element that is not there', source: "request.dnsNames[2] == ''", message: /index 2 out of bounds/ },
  { name: 'a division by zero', source: '1 / 0 == 1', message: /int divide by zero/ },
  { name: 'an overflow', source: '9223372036854775807 + 1 > 0', message: /int overflow/ },
  { name: 'a value that is no boolean', source: 'facts.ratio', message: /the value is not a boolean/ },
  { name: 'arguments that turn out wrong', source: 'facts.ratio.startsWith("a")', message: /no matching overload/ },
  { name: 'text that is no integer', source: 'int(facts.pods[0].name) == 0', message: /"web-1" is no integer/ },
  { name: 'blanks for an integer', source: "int('') == 0", message: /"" is no integer/ },
  { name: 'text that is no number', source: "double('') == 0.0", message: /"" is no number/ },
  { name: 'text that is no address', source: "ip('010.0.0.1') == ''", message: /"010\.0\.0\.1" is no IP address/ },
  { name: 'IPv4 in IPv6', source: "ip('::ffff:10.0.0.1') == ''", message: /is no IP address/ },
  { name: 'text that is no network', source: "cidr('10.0.0.1/8') == ''", message: /is no network/ },
  {
    name: 'a time that is none',
    source: "timestamp('yesterday') > timestamp('2026-01-01T00:00:00Z')",
    message: /timestamp/,
  },
  { name: 'a time from a number', source: 'timestamp(facts.count) == 1', message: /timestamp\(\) takes a string/ },
  {
    name: 'joined things that are no strings',
    source: "[1, 2].join('') == ''",
    message: /join\(\) takes a list of strings/,
  },
]) {
  test(`has no answer for ${name}`, () => {
    const result = evaluated(source);
    assert.ok(result.kind === 'error', result.kind);
    assert.match(result.message, message);
  });
}

test('has no answer where a variable is not given', () => {
  assert.deepEqual(evaluated('facts.a == 1', { request: REQUEST }).kind, 'error');
  assert.deepEqual(evaluated('facts.a == 1', { request: REQUEST, facts: undefined }).kind, 'error');
});

test('has no answer for values that are no JSON', () => {
  for (const value of [() => 1, Symbol('a')]) {
    assert.equal(evaluated('facts.a == 1', { facts: { a: value } }).kind, 'error');
  }
});

for (const { name, value, message } of [
  { name: 'strings', value: 'a'.repeat(8193), message: 'facts.value is 8193 long, at most 8192 are looked at' },
  { name: 'bytes', value: new Uint8Array(8193), message: 'facts.value is 8193 long, at most 8192 are looked at' },
  { name: 'lists', value: Array(1001).fill(1), message: 'facts.value has 1001 elements, at most 1000 are looked at' },
]) {
  test(`does not look at ${name} beyond the limit, and only then has no answer`, () => {
    const given = { facts: { value, other: 1 } };
    assert.deepEqual(evaluated('facts.value == 1', given), { kind: 'error', message });
    assert.deepEqual(evaluated('facts.other == 1', given), { kind: 'value', value: true });
    assert.deepEqual(evaluated('facts.value.size() > 0', { facts: { value: value.slice(1) } }), {
      kind: 'value',
      value: true,
    });
  });
}

for (const source of [
  "request.dnsNames.all(n, n.endsWith('.svc.cluster.local') || n.endsWith('.svc'))",
  "!request.dnsNames.exists(n, n.startsWith('*'))",
  "request.dnsNames.exists_one(n, n.endsWith('local'))",
  "request.dnsNames.filter(n, n.contains('cluster')) == ['web.shop.svc.cluster.local']",
  'request.dnsNames.map(n, n.size()) == [12, 26]',
  "request.dnsNames.map(n, n.endsWith('svc'), n + '.') == ['web.shop.svc.']",
  '[[1, 2], [], [3]].map(x, x.map(y, y * 2)) == [[2, 4], [], [6]]',
  '[1, 2].map(x, [3, 4].map(y, x * y)) == [[3, 4], [6, 8]]',
  '[1, 2].map(x, x) + [1, 2].map(x, x) == [1, 2, 1, 2]',
  "'team' in request.labels && request.labels['team'] == 'shop' && request.labels.all(k, k == 'team')",
  "request.commonName in ['web', 'db'] && !(request.commonName in [])",
  'request.expirationSeconds <= 86400 && request.expirationSeconds > 1.5',
  'has(request.commonName) && !has(facts.zone) && !has(facts.nothing) && facts.nothing == null',
  "request.digest == b'\\x01\\x02\\xff' && request.digest.size() == 3",
  'facts.ratio == 0.5 && type(facts.ratio) == double && type(request.expirationSeconds) == int',
  "facts.pods.exists(p, p.name == 'web-1' && p.ready)",
  'true || 1 / 0 == 1',
  '(1 / 0 == 1) || true',
  "'WEB.Shop'.lowerAscii() == 'web.shop' && 'web'.upperAscii() == 'WEB' && ' a '.trim() == 'a'",
  "'a.b.c'.split('.').join('-') == 'a-b-c' && ['a', 'b'].join() == 'ab' && 'a.b'.replace('.', '::') == 'a::b'",
  "size('äö') == 2 && size([1]) == 1 && {'a': 1}.size() == 1",
  "int('-12') == -12 && int(2.9) == 2 && double('1.5e1') == 15.0 && string(7) == '7' && string(b'ab') == 'ab'",
  "isIP('10.0.0.1') && isIP('fd00::1') && !isIP('10.0.0.256') && !isIP('::ffff:10.0.0.1') && !isIP('web')",
  "ip('FD00:0::1') == 'fd00::1' && ip('10.0.0.1').family() == 4 && ip('::').family() == 6",
  "isCIDR('10.0.0.0/8') && !isCIDR('10.0.0.1/8') && cidr('FD00::/8') == 'fd00::/8'",
  "cidr('10.0.0.0/8').containsIP('10.1.2.3') && !cidr('10.0.0.0/8').containsIP('11.0.0.1')",
  "timestamp('2026-01-01T00:00:00Z') - timestamp('2025-12-31T00:00:00Z') == duration('24h')",
  "timestamp('2026-01-01T00:00:00Z') + duration('1h') > timestamp('2026-01-01T00:30:00Z')",
  "request.dnsNames.all(n, n.matches('^[a-z]+[.]shop[.]svc([.]cluster[.]local)?$'))",
  "r'\\d' == '\\\\d' // a comment\n",
]) {
  test(`holds: ${source}`, () => {
    assert.deepEqual(evaluated(source), { kind: 'value', value: true });
  });
}

test('makes a text for people', () => {
  const source = "'names outside of the zone: ' + request.dnsNames.filter(n, !n.endsWith('.local')).join(', ')";
  const compilation = engine.compileMessage(source, VARIABLES);
  assert.ok(compilation.kind === 'compiled');
  assert.deepEqual(compilation.expression.evaluate(GIVEN), {
    kind: 'value',
    value: 'names outside of the zone: web.shop.svc',
  });
  assert.deepEqual(problemsOf(engine.compileMessage('request.isCa', VARIABLES)), [
    'its value must be a string, this is a boolean',
  ]);
});

test('sees each record of variables for itself', () => {
  const compilation = engine.compileRule("request.commonName == 'web'", VARIABLES);
  assert.ok(compilation.kind === 'compiled');
  const other = { request: { ...REQUEST, commonName: 'db' } };
  for (let i = 0; i < 3; i++) {
    assert.deepEqual(compilation.expression.evaluate(GIVEN), { kind: 'value', value: true });
    assert.deepEqual(compilation.expression.evaluate(other), { kind: 'value', value: false });
  }
});

for (const { name, source, problem } of [
  { name: 'a number', source: '1', problem: /its value must be a list, this is an integer/ },
  { name: 'a condition', source: 'request.isCa', problem: /its value must be a list, this is a boolean/ },
]) {
  test(`as texts refuses ${name}`, () => {
    assert.match(problemsOf(engine.compileTexts(source, VARIABLES)).join('; '), problem);
  });
}

for (const { name, source, result } of [
  { name: 'a list', source: 'request.dnsNames', result: { kind: 'value', value: REQUEST.dnsNames } },
  { name: 'one text', source: 'request.commonName', result: { kind: 'value', value: ['web'] } },
  { name: 'null', source: 'facts.nothing', result: { kind: 'value', value: [] } },
  { name: 'an empty list', source: '[]', result: { kind: 'value', value: [] } },
  {
    name: 'a list that is made',
    source: "facts.pods.map(p, p.name + '!')",
    result: { kind: 'value', value: ['web-1!'] },
  },
  {
    name: 'a list with a number',
    source: "['a', facts.count]",
    result: { kind: 'error', message: 'the value is not a list' },
  },
  { name: 'a number', source: 'facts.count', result: { kind: 'error', message: 'the value is not a list' } },
]) {
  test(`as texts, ${name} is ${result.kind === 'value' ? JSON.stringify(result.value) : 'an error'}`, () => {
    const compilation = engine.compileTexts(source, VARIABLES);
    assert.ok(compilation.kind === 'compiled', problemsOf(compilation).join('; '));
    assert.deepEqual(compilation.expression.evaluate(GIVEN), result);
  });
}
