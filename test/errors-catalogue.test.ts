import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { suite, test } from 'node:test';

import { errorAnswer } from '../src/apiserver/responses/error-answer.js';
import { CountersignError } from '../src/base/error.js';
import type { ErrorCode } from '../src/base/error.js';

const text = readFileSync(new URL('../docs/errors.md', import.meta.url), 'utf8');
const rows = [...text.matchAll(/^\| `([A-Z_]+)`\s*\|.*\|\s*(\S[^|]*?)\s*\|$/gm)];

suite('docs/errors.md says what the API server answers', () => {
  test('for every code that it has', () => assert.ok(rows.length > 30));
  for (const [, code = '', said = ''] of rows) {
    test(code, () => {
      if (code === 'API_STATUS') {
        assert.equal(said, 'its own');
        return;
      }
      // that it is one of the codes is what tools/check-docs.mjs checks
      const error = new CountersignError(code as ErrorCode, 'Cannot do it: here: it is not so');
      assert.equal(String(errorAnswer(error, 'audit').status.code), said);
    });
  }
});
