import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertKnownFields, exactFieldValue, matchesFields, parseFieldSelector } from './field-selector.js';
import { StatusError } from './status.js';

function refusal(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    assert.ok(error instanceof StatusError);
    assert.equal(error.httpCode, 400);
    return error.message;
  }
  assert.fail('nothing was refused');
}

const refused: readonly (readonly [string, string])[] = [
  ['metadata.name', "invalid selector: 'metadata.name'; can't understand 'metadata.name'"],
  ['a=1,b', "invalid selector: 'a=1,b'; can't understand 'b'"],
  ['a in (b)', "invalid selector: 'a in (b)'; can't understand 'a in (b)'"],
  ['a=b=c', 'invalid field selector: unescaped character in value: 61'],
  ['a=b\\x', 'invalid field selector: invalid escape sequence: \\x'],
  ['a=b\\', 'invalid field selector: invalid escape sequence: \\'],
];

for (const [text, message] of refused) {
  test(`refuses the field selector ${text}`, () => {
    assert.equal(
      refusal(() => parseFieldSelector(text)),
      message,
    );
  });
}

test('refuses a field that the resource does not have, in the words of that resource', () => {
  const selector = parseFieldSelector('spec.username=x');
  assert.equal(
    refusal(() => assertKnownFields(selector, ['metadata.name', 'spec.signerName'], 'plain')),
    'field label not supported: spec.username',
  );
  assert.equal(
    refusal(() => assertKnownFields(parseFieldSelector('data.a=1'), ['metadata.name', 'metadata.namespace'], 'known')),
    '"data.a" is not a known field selector: only "metadata.name", "metadata.namespace"',
  );
  assertKnownFields(parseFieldSelector('metadata.name=a'), ['metadata.name'], 'plain');
});

test('reads =, == and != and passes over empty terms', () => {
  assert.deepEqual(parseFieldSelector(''), []);
  assert.deepEqual(parseFieldSelector(',a=1,,b==2,c!=3,'), [
    { field: 'a', operator: '=', value: '1' },
    { field: 'b', operator: '=', value: '2' },
    { field: 'c', operator: '!=', value: '3' },
  ]);
});

test('takes what a backslash hides as part of the value', () => {
  assert.deepEqual(parseFieldSelector('a=x\\,y\\=z\\\\'), [{ field: 'a', operator: '=', value: 'x,y=z\\' }]);
});

test('matches when every requirement holds', () => {
  const selector = parseFieldSelector('type=a,phase!=b');
  const valueOf =
    (fields: Readonly<Record<string, string>>) =>
    (field: string): string =>
      fields[field] ?? '';
  assert.equal(matchesFields(selector, valueOf({ type: 'a' })), true);
  assert.equal(matchesFields(selector, valueOf({ type: 'a', phase: 'b' })), false);
  assert.equal(matchesFields(selector, valueOf({ phase: 'c' })), false);
});

test('tells the value to which a field is pinned', () => {
  assert.equal(exactFieldValue(parseFieldSelector('metadata.name=x'), 'metadata.name'), 'x');
  assert.equal(exactFieldValue(parseFieldSelector('metadata.name!=x'), 'metadata.name'), undefined);
});
