import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatFields, formatTable } from './text-table.js';

test('separates columns by three spaces and pads no line at its end', () => {
  assert.equal(
    formatTable(
      ['NAME', 'AGE', 'X'],
      [
        ['a-long-name', '5s', ''],
        ['b', '120m', 'y'],
      ],
    ),
    'NAME          AGE    X\na-long-name   5s\nb             120m   y\n',
  );
  assert.equal(formatTable(['NAME'], []), 'NAME\n');
});

test('puts values in one column and continues lines below themselves', () => {
  assert.equal(
    formatFields(
      [
        ['A', 'x\ny'],
        ['Long', ''],
      ],
      '  ',
    ),
    '  A:     x\n         y\n  Long:\n',
  );
});
