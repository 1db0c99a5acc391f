import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createProcessLogger } from './process-logger.js';

function logged(format: 'text' | 'json', use: (logger: ReturnType<typeof createProcessLogger>) => void): string[] {
  const lines: string[] = [];
  use(createProcessLogger({ level: 'info', format, now: () => 0, write: (line) => lines.push(line) }));
  return lines;
}

test('leaves out what is below its level, and values that are no plain ones', () => {
  const lines = logged('json', (logger) => {
    logger.debug('Hidden');
    logger.info('Shown', { name: 'a b', key: { secret: 1 }, error: new Error('why') });
  });
  assert.deepEqual(lines, [
    '{"time":"1970-01-01T00:00:00.000Z","level":"info","message":"Shown","name":"a b","error":"why"}\n',
  ]);
});

test('shows control characters of strangers as text', () => {
  const lines = logged('text', (logger) => logger.info('Seen', { username: 'a\u001b[2Jb\u202e', name: 'c\u009b d' }));
  assert.deepEqual(lines, ['1970-01-01T00:00:00.000Z INFO  Seen username=a\\u{1b}[2Jb\\u{202e} name="c\\u{9b} d"\n']);
});

test('writes text for people, with what was bound before', () => {
  const lines = logged('text', (logger) =>
    logger.with({ controller: 'signer' }).warn('Certificate lost', { name: 'a b', n: 1 }),
  );
  assert.deepEqual(lines, ['1970-01-01T00:00:00.000Z WARN  Certificate lost controller=signer name="a b" n=1\n']);
});
