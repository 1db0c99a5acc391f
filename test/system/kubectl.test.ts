import { test } from 'node:test';
import { startServer } from '../server-process.js';
import { requireTool } from '../tools.js';
import { RECENT, RECENT_APPLYING } from './kubectl-recent-table.js';
import { runSteps } from './kubectl-steps.js';
import { ABSENT, ACCESS, APPLYING, CHANGING, DISCOVERING, MAKING, WAITING } from './kubectl-table.js';

test('stock kubectl works as with its own server', { concurrency: 3 }, async (t) => {
  const program = 'kubectl';
  if (!requireTool(t, program)) return;
  await using server = await startServer();
  const on = { program, server };
  await Promise.all([
    t.test('kubectl makes, shows and deletes objects', (group) => runSteps(group, on, MAKING)),
    t.test('kubectl checks, applies, compares and replaces manifests', (group) => runSteps(group, on, APPLYING)),
    t.test('kubectl changes objects in place', (group) => runSteps(group, on, CHANGING)),
    t.test('kubectl asks and grants who may do what', (group) => runSteps(group, on, ACCESS)),
    t.test('kubectl finds out and explains what is served', (group) => runSteps(group, on, DISCOVERING)),
    t.test('kubectl waits, watches and shows events', (group) => runSteps(group, on, WAITING)),
    t.test('kubectl is told plainly what is not here', (group) => runSteps(group, on, ABSENT)),
    t.test('kubectl prunes, and leaves it to the server to check manifests', (group) =>
      runSteps(group, on, RECENT_APPLYING),
    ),
    t.test('kubectl has tokens made, knows who it is, and changes subresources', (group) =>
      runSteps(group, on, RECENT),
    ),
  ]);
});
