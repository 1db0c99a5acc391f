import assert from 'node:assert/strict';
import { test } from 'node:test';

import { answersProgress } from './progress-versions.js';

for (const version of ['', 'x', '2.3.8', '3.3.27', '3.4.0', '3.4.24', '3.5.0', '3.5.7', '3', '3.6', '-3.6.0']) {
  test(`does not ask version "${version}" how far watches are complete`, () => {
    assert.equal(answersProgress(version), false);
  });
}

for (const version of ['3.4.25', '3.4.33', '3.5.8', '3.5.16', '3.6.0', '3.6.0-rc.1', '3.10.0', '4.0.0']) {
  test(`asks version ${version}`, () => {
    assert.equal(answersProgress(version), true);
  });
}
