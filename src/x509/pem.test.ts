import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { HOSTILE_TEXTS } from '../../test/hostile.js';
import { utf8 } from '../base/bytes.js';
import { CountersignError } from '../base/error.js';
import { decodePem, encodePem, firstPemBlock } from './pem.js';

const A = '-----BEGIN A-----\nAQ==\n-----END A-----\n';
const B = '-----BEGIN B-----\nAg==\n-----END B-----\n';

/** Type and octets of every block. */
function read(text: string): readonly string[] {
  return decodePem(text).map(({ type, bytes }) => `${type}:${[...bytes].join()}`);
}

const skipped: readonly (readonly [string, string])[] = [
  ['text without a block', 'hello'],
  ['a BEGIN line alone', '-----BEGIN A-----\nAQ==\n'],
  ['an END line alone', '\n-----END A-----\n'],
  ['an END line at the very start', '-----END A-----\n'],
  ['a BEGIN that is not at the start of a line', 'x-----BEGIN A-----\nAQ==\n-----END A-----\n'],
  ['a BEGIN after a blank', ' -----BEGIN A-----\nAQ==\n-----END A-----\n'],
  ['a type line without dashes at its end', '-----BEGIN A----\nAQ==\n-----END A-----\n'],
  ['an END of another type', '-----BEGIN A-----\nAQ==\n-----END B-----\n'],
  ['an END of a longer type', '-----BEGIN A-----\nAQ==\n-----END AB-----\n'],
  ['an END line followed by text', '-----BEGIN A-----\nAQ==\n-----END A-----x\n'],
  ['an END with four dashes', '-----BEGIN A-----\nAQ==\n-----END A----\n'],
  ['an END that is cut off', '-----BEGIN A-----\nAQ==\n-----END A'],
  ['an END in the middle of a line', '-----BEGIN A-----\nAQ== -----END A-----\n'],
  ['a body without padding', '-----BEGIN A-----\nAQ\n-----END A-----\n'],
  ['a body of one character', '-----BEGIN A-----\nA\n-----END A-----\n'],
  ['a body with octets after the padding', '-----BEGIN A-----\nAQ==AQ==\n-----END A-----\n'],
  ['a body with a character outside the alphabet', '-----BEGIN A-----\nA-==\n-----END A-----\n'],
  ['a body in the URL alphabet', '-----BEGIN A-----\n_-8=\n-----END A-----\n'],
  ['a body with an umlaut', '-----BEGIN A-----\nAQä==\n-----END A-----\n'],
  ['a lower-case keyword', '-----begin A-----\nAQ==\n-----end A-----\n'],
];
for (const [name, text] of skipped) {
  test(`skips ${name}`, () => {
    assert.deepEqual(read(text), []);
    assert.equal(firstPemBlock(text), undefined);
  });
  test(`goes on after ${name}`, () => {
    // Whatever is skipped takes a whole line with it, so a block after a line break is found.
    const expected = text.includes('END') ? ['B:2'] : read(`${text}\n${B}`);
    assert.deepEqual(read(`${text}\n${B}`), expected);
  });
}

const taken: readonly (readonly [string, string, readonly string[]])[] = [
  ['a block', A, ['A:1']],
  ['blocks one after another', A + B + A, ['A:1', 'B:2', 'A:1']],
  ['text before, between and after', `x\n${A}y\nz\n${B}w`, ['A:1', 'B:2']],
  ['CRLF', A.replaceAll('\n', '\r\n'), ['A:1']],
  ['a block without a line break at the end', A.trimEnd(), ['A:1']],
  ['blanks and tabs after the BEGIN and END lines', '-----BEGIN A----- \t\nAQ==\n-----END A-----\t \n', ['A:1']],
  ['blanks and tabs in the body', '-----BEGIN A-----\n A\tQ = =\n-----END A-----\n', ['A:1']],
  ['lines of any length', '-----BEGIN A-----\nA\nQ\n=\n=\n-----END A-----\n', ['A:1']],
  ['an empty body', '-----BEGIN A-----\n-----END A-----\n', ['A:']],
  ['an empty body with an empty line', '-----BEGIN A-----\n\n-----END A-----\n', ['A:']],
  ['an empty type', '-----BEGIN -----\nAQ==\n-----END -----\n', [':1']],
  ['a type with blanks', '-----BEGIN A  B-----\nAQ==\n-----END A  B-----\n', ['A  B:1']],
  ['the last of several BEGIN lines', `-----BEGIN B-----\n${A}`, ['A:1']],
  ['a BEGIN line within a body, which starts the block anew', `-----BEGIN A-----\nAQ==\n${A}`, ['A:1']],
  ['trailing bits that are not zero, as Go does', '-----BEGIN A-----\nAR==\n-----END A-----\n', ['A:1']],
];
for (const [name, text, expected] of taken) {
  test(`takes ${name}`, () => {
    assert.deepEqual(read(text), expected);
    assert.deepEqual(
      decodePem(utf8(text)).map((block) => block.type),
      expected.map((entry) => entry.slice(0, entry.indexOf(':'))),
    );
  });
}

test('reads headers up to the first line without a colon, the last of a repeated one', () => {
  const text = '-----BEGIN A-----\nProc-Type: 4,ENCRYPTED\n x : y:z \nx:w\n\nAQ==\n-----END A-----\n';
  const [block] = decodePem(text);
  assert.deepEqual(
    [...(block?.headers ?? [])],
    [
      ['Proc-Type', '4,ENCRYPTED'],
      ['x', 'w'],
    ],
  );
  assert.deepEqual([...(block?.bytes ?? [])], [1]);
});

test('reads headers without an empty line after them', () => {
  assert.deepEqual(read('-----BEGIN A-----\na: b\nAQ==\n-----END A-----\n'), ['A:1']);
});

test('skips a block whose headers run into its END line; where they run over it, Go stops', () => {
  assert.deepEqual(read(`-----BEGIN A-----\na: b\n-----END A-----\n${B}`), ['B:2']);
  assert.deepEqual(read(`-----BEGIN A-----\na: b\n-----END A-----: c\n${B}`), []);
});

test('refuses too many octets and too many blocks', () => {
  assert.throws(() => decodePem(A, { maxBytes: A.length - 1 }), { code: 'PEM_TOO_LARGE' });
  assert.throws(() => decodePem(A.repeat(3), { maxBlocks: 2 }), { code: 'PEM_TOO_LARGE' });
  assert.equal(decodePem(A.repeat(3), { maxBlocks: 3 }).length, 3);
});

test('writes lines of 64 columns and a line break at the end', () => {
  const lines = encodePem('CERTIFICATE', new Uint8Array(100)).split('\n');
  assert.deepEqual(
    lines.map((line) => line.length),
    [27, 64, 64, 8, 25, 0],
  );
});

test('property: reads back what it writes, whatever stands around it', () => {
  const type = fc.stringMatching(/^[A-Z0-9 ]{0,20}$/).map((text) => text.trim());
  const around = fc.string().filter((text) => !text.includes('-----'));
  fc.assert(
    fc.property(type, fc.uint8Array({ maxLength: 300 }), around, around, (name, bytes, before, after) => {
      const blocks = decodePem(`${before}\n${encodePem(name, bytes)}${after}`);
      assert.deepEqual(
        blocks.map((block) => ({ type: block.type, bytes: [...block.bytes] })),
        [{ type: name, bytes: [...bytes] }],
      );
    }),
  );
});

test('takes the hostile texts in linear time', () => {
  const start = performance.now();
  for (const text of HOSTILE_TEXTS) {
    try {
      decodePem(text);
      firstPemBlock(text);
    } catch (error) {
      assert.ok(error instanceof CountersignError);
    }
  }
  assert.ok(performance.now() - start < 2_000);
});

test('takes ten times as long for ten times as much of the worst input, not a hundred times', () => {
  const worst = [
    '-----BEGIN A-----\n',
    '\n-----END A-----\n',
    '-----BEGIN A-----\na:b\n',
    '-----BEGIN A-----\n\n-----END ',
  ];
  for (const unit of worst) {
    const time = (count: number): number => {
      const text = unit.repeat(count);
      const start = performance.now();
      for (let i = 0; i < 5; i++) decodePem(text, { maxBytes: text.length, maxBlocks: Number.POSITIVE_INFINITY });
      return performance.now() - start;
    };
    time(1_000);
    const small = time(2_000);
    const large = time(20_000);
    assert.ok(large < Math.max(small, 2) * 60, `${JSON.stringify(unit)}: ${small} ms, then ${large} ms`);
  }
});
