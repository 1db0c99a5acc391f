import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CountersignError } from '../../base/error.js';
import { badRequest } from '../../kube/status.js';
import { errorAnswer } from './error-answer.js';

test('what nobody foresaw is 500 with the audit id and without a word of the error', () => {
  const { status, hidden } = errorAnswer(new Error('password is hunter2'), 'id-1');
  assert.equal(hidden, true);
  assert.equal(status.code, 500);
  assert.equal(status.reason, 'InternalError');
  assert.equal(status.message, 'Internal error occurred: the server met an unexpected condition, audit ID "id-1"');
});

test('a corrupt store is internal, a closed one out of service', () => {
  const corrupt = errorAnswer(new CountersignError('STORE_CORRUPT', 'Cannot read /var/lib/x'), 'id');
  assert.equal(JSON.stringify(corrupt.status).includes('/var/lib'), false);
  const closed = errorAnswer(new CountersignError('STORE_CLOSED', 'Cannot write: closed'), 'id');
  assert.deepEqual([closed.status.code, closed.status.details?.retryAfterSeconds, closed.hidden], [503, 1, true]);
});

test('an object that cannot be decrypted is 500 that names it, and is in the log too', () => {
  const message = 'Cannot open "/registry/secrets/default/db": it is cut off';
  const { status, hidden } = errorAnswer(new CountersignError('SEAL_INVALID', message), 'id');
  assert.deepEqual(
    [status.code, status.reason, status.message, hidden],
    [500, 'InternalError', `Internal error occurred: ${message}`, true],
  );
});

test('a malformed object is told what is wrong with it', () => {
  const { status, hidden } = errorAnswer(
    new CountersignError('OBJECT_MALFORMED', 'unexpected end of JSON input'),
    'id',
  );
  assert.deepEqual(
    [status.code, status.reason, status.message, hidden],
    [400, 'BadRequest', 'unexpected end of JSON input', false],
  );
});

test('a refusal is its own answer', () => {
  const refusal = badRequest('no');
  assert.equal(errorAnswer(refusal, 'id').status, refusal.status);
});

test('what is thrown and no error is internal as well', () => {
  assert.equal(errorAnswer('oops', 'id').status.code, 500);
  assert.equal(errorAnswer(undefined, 'id').status.code, 500);
});
