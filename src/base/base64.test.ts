import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';

import { decodeBase64, parseBase64Url, toBase64, toBase64Url } from './base64.js';

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');

suite('decodeBase64 refuses what Go refuses, at the same offset', () => {
  const refusals: readonly { readonly name: string; readonly input: string; readonly offset: number }[] = [
    { name: 'one digit', input: 'Z', offset: 0 },
    { name: 'two digits without padding', input: 'Zg', offset: 0 },
    { name: 'three digits without padding', input: 'Zm8', offset: 0 },
    { name: 'missing padding after whole quanta', input: 'Zm9vZg', offset: 4 },
    { name: 'half of the padding', input: 'Zg=', offset: 3 },
    { name: 'padding alone', input: '=', offset: 0 },
    { name: 'padding after one digit', input: 'Z===', offset: 1 },
    { name: 'padding after a whole quantum', input: 'Zm9v=', offset: 4 },
    { name: 'too much padding', input: 'Zm8==', offset: 4 },
    { name: 'a digit after padding', input: 'Zg==Zg==', offset: 4 },
    { name: 'a digit within padding', input: 'Zg=Z', offset: 2 },
    { name: 'a digit within padding, after a line break', input: 'Zg=\nZ', offset: 3 },
    { name: 'a blank', input: 'Zm9 v', offset: 3 },
    { name: 'a tab', input: '\tZm9v', offset: 0 },
    { name: 'a digit of the URL alphabet', input: 'Zm9-', offset: 3 },
    { name: 'the other digit of the URL alphabet', input: '_m9v', offset: 0 },
    { name: 'a character above one byte', input: 'Zm9\u0141', offset: 3 },
    { name: 'a fullwidth digit', input: '\uff3am9v', offset: 0 },
    { name: 'a zero byte', input: 'Zm9v\0', offset: 4 },
  ];
  for (const { name, input, offset } of refusals) {
    test(name, () => assert.deepEqual(decodeBase64(input), { kind: 'invalid', offset }));
  }
});

suite('decodeBase64 takes what Go takes', () => {
  const acceptances: readonly { readonly name: string; readonly input: string; readonly output: string }[] = [
    { name: 'nothing', input: '', output: '' },
    { name: 'each length of padding', input: 'Zg==', output: 'f' },
    { name: 'one padding character', input: 'Zm8=', output: 'fo' },
    { name: 'no padding', input: 'Zm9v', output: 'foo' },
    { name: 'line breaks anywhere', input: 'Z\nm\r\n8\n=\r\n', output: 'fo' },
    { name: 'line breaks within padding', input: 'Zg=\n=\n', output: 'f' },
    { name: 'line breaks alone', input: '\r\n\n', output: '' },
    { name: 'trailing bits that are not zero', input: 'Zh==', output: 'f' },
    { name: 'trailing bits after two bytes', input: 'Zm9=', output: 'fo' },
  ];
  for (const { name, input, output } of acceptances) {
    test(name, () => {
      const decoded = decodeBase64(input);
      assert.equal(decoded.kind, 'bytes');
      assert.equal(text(decoded.bytes), output);
    });
  }
});

suite('base64 and Buffer agree', () => {
  const anyBytes = fc.uint8Array({ maxLength: 300 });
  test('on encoding', () => {
    fc.assert(
      fc.property(anyBytes, (bytes) => {
        assert.equal(toBase64(bytes), Buffer.from(bytes).toString('base64'));
        assert.equal(toBase64Url(bytes), Buffer.from(bytes).toString('base64url'));
      }),
    );
  });
  test('on decoding, whatever the line length', () => {
    fc.assert(
      fc.property(anyBytes, fc.integer({ min: 1, max: 80 }), (bytes, width) => {
        const lines = Buffer.from(bytes)
          .toString('base64')
          .replace(new RegExp(`.{${width}}`, 'g'), '$&\n');
        const decoded = decodeBase64(lines);
        assert.equal(decoded.kind, 'bytes');
        assert.deepEqual(Buffer.from(decoded.bytes), Buffer.from(bytes));
        assert.deepEqual(parseBase64Url(toBase64Url(bytes)), decoded.bytes);
      }),
    );
  });
  test('on more bytes than are encoded at a time', () => {
    for (const length of [0x1ffd, 0x1ffe, 0x1fff, 3 * 0x1ffe + 1]) {
      const bytes = Uint8Array.from({ length }, (_, i) => (i * 167) & 255);
      assert.equal(toBase64(bytes), Buffer.from(bytes).toString('base64'));
    }
  });
  test('never throws, and takes nothing but the alphabet, for any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (input) => {
        const decoded = decodeBase64(input);
        if (decoded.kind === 'bytes') assert.match(input, /^[A-Za-z0-9+/=\r\n]*$/);
        else assert.ok(decoded.offset >= 0 && decoded.offset <= input.length);
      }),
    );
  });
});

suite('parseBase64Url', () => {
  for (const input of ['Zg==', 'Zm9v+', 'Zm9v/', 'Zm9 v', 'Zm9v\n', 'Z', 'é']) {
    test(`refuses ${JSON.stringify(input)}`, () => assert.equal(parseBase64Url(input), undefined));
  }
  test('takes every length without padding', () => {
    assert.deepEqual(parseBase64Url(''), new Uint8Array());
    assert.deepEqual(parseBase64Url('_w'), Uint8Array.of(255));
    assert.deepEqual(parseBase64Url('__8'), Uint8Array.of(255, 255));
    assert.deepEqual(parseBase64Url('-_-_'), Uint8Array.of(251, 255, 191));
  });
});

test('decoding takes time in proportion to the length', () => {
  const start = performance.now();
  const decoded = decodeBase64('A'.repeat(8_000_000));
  assert.equal(decoded.kind, 'bytes');
  assert.ok(performance.now() - start < 2000);
});
