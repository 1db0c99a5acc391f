import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { fromMetaLabelSelector, matchesLabels, parseLabelSelector } from './label-selector.js';
import { StatusError } from './status.js';

function refusal(text: string): string {
  try {
    parseLabelSelector(text);
  } catch (error) {
    assert.ok(error instanceof StatusError);
    assert.equal(error.httpCode, 400);
    return error.message;
  }
  assert.fail(`${text} was accepted`);
}

const PARSE = 'unable to parse requirement: ';

const refused: readonly (readonly [string, string])[] = [
  [',a', "found ',', expected: !, identifier, or 'end of string'"],
  ['=a', "found '=', expected: !, identifier, or 'end of string'"],
  ['a,', "found '', expected: identifier after ','"],
  ['a,,b', "found ',', expected: identifier after ','"],
  ['a b', `${PARSE}found 'b', expected: in, notin, =, ==, !=, gt, lt`],
  ['env IN (a)', `${PARSE}found 'IN', expected: in, notin, =, ==, !=, gt, lt`],
  ['a=b c', "found 'c', expected: ',' or 'end of string'"],
  ['!a=b', "found '=', expected: ',' or 'end of string'"],
  ['!', `${PARSE}found '', expected: identifier`],
  ['a===b', `${PARSE}found '=', expected: identifier`],
  ['a=(b)', `${PARSE}found '(', expected: identifier`],
  ['a in b', `${PARSE}found 'b' expected: '('`],
  ['a in (b', `${PARSE}found '', expected: ',' or ')'`],
  ['a in (b c)', `${PARSE}found 'c', expected: ',' or ')'`],
  ['a in (=)', `${PARSE}found '=', expected: ',', ')' or identifier`],
  ['a in (b,=)', `${PARSE}found '=', expected: ',', or identifier`],
  ['a>b', `${PARSE}values[0]: Invalid value: "b": for 'Gt', 'Lt' operators, the value must be an integer`],
];

for (const [text, message] of refused) {
  test(`refuses the label selector ${text}`, () => {
    assert.equal(refusal(text), message);
  });
}

test('refuses keys and values that no label can have', () => {
  assert.match(refusal('a/b/c'), /^unable to parse requirement: <nil>: Invalid value: "a\/b\/c": a qualified name /);
  assert.match(refusal('a=b%'), /^unable to parse requirement: values\[0\]\[a\]: Invalid value: "b%": a valid label /);
  assert.match(refusal('a in (b%,c)'), /values\[0\]\[a\]: Invalid value: "b%"/);
});

const LABELS = { app: 'web', tier: 'in', n: '7', empty: '' };

const matching: readonly (readonly [string, boolean])[] = [
  ['', true],
  ['app', true],
  ['nope', false],
  ['!nope', true],
  ['! app', false],
  ['app=web', true],
  ['app==web', true],
  ['app = db', false],
  ['app!=db', true],
  ['nope!=x', true],
  ['app in (web,db)', true],
  ['app in (db)', false],
  ['app notin (db)', true],
  ['nope notin (x)', true],
  ['nope in (x)', false],
  ['tier in (in,notin)', true],
  ['tier=in', true],
  ['empty=', true],
  ['empty in ()', true],
  ['empty in (,a)', true],
  ['empty in (a,)', true],
  ['app in ()', false],
  ['n>6', true],
  ['n>7', false],
  ['n<8', true],
  ['app>1', false],
  ['nope<1', false],
  ['app=web,n>6,!nope', true],
  ['app=web,n>9', false],
  ['constructor', false],
];

for (const [text, expected] of matching) {
  test(`${expected ? 'matches' : 'does not match'} ${text === '' ? 'the empty selector' : text}`, () => {
    assert.equal(matchesLabels(parseLabelSelector(text), LABELS), expected);
  });
}

test('an object without labels is matched by what asks for none', () => {
  assert.equal(matchesLabels(parseLabelSelector('!a'), undefined), true);
  assert.equal(matchesLabels(parseLabelSelector('a'), undefined), false);
});

test('compares integers beyond 2^53 exactly, and nothing beyond int64', () => {
  assert.equal(matchesLabels(parseLabelSelector('n>9007199254740992'), { n: '9007199254740993' }), true);
  assert.equal(matchesLabels(parseLabelSelector('n>1'), { n: '9223372036854775808' }), false);
});

test('sorts requirements by key', () => {
  assert.deepEqual(
    parseLabelSelector('b=1,a').map((r) => r.key),
    ['a', 'b'],
  );
});

test('the selector of an object: absent and unknown match nothing, empty matches all', () => {
  assert.equal(fromMetaLabelSelector(undefined), undefined);
  assert.deepEqual(fromMetaLabelSelector({}), []);
  for (const operator of ['Near', 'constructor', '__proto__', 'in']) {
    assert.equal(fromMetaLabelSelector({ matchExpressions: [{ key: 'a', operator }] }), undefined);
  }
  assert.equal(fromMetaLabelSelector({ matchExpressions: [{ key: 'a', operator: 'In' }] }), undefined);
  assert.equal(
    fromMetaLabelSelector({ matchExpressions: [{ key: 'a', operator: 'Exists', values: ['x'] }] }),
    undefined,
  );
  const selector = fromMetaLabelSelector({
    matchLabels: { app: 'web' },
    matchExpressions: [
      { key: 'n', operator: 'NotIn', values: ['8'] },
      { key: 'tier', operator: 'Exists' },
      { key: 'nope', operator: 'DoesNotExist' },
    ],
  });
  assert.ok(selector !== undefined);
  assert.equal(matchesLabels(selector, LABELS), true);
  assert.equal(matchesLabels(selector, { ...LABELS, nope: '' }), false);
});

test('answers any text with a selector or a StatusError', () => {
  const text = fc.string({ unit: fc.constantFrom('a', '=', '!', '(', ')', ',', ' ', '>', '<', 'in', 'notin', '1') });
  fc.assert(
    fc.property(text, (selector) => {
      try {
        matchesLabels(parseLabelSelector(selector), LABELS);
      } catch (error) {
        assert.ok(error instanceof StatusError);
      }
    }),
  );
});
