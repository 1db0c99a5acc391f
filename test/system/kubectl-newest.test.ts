import { test } from 'node:test';
import { startServer } from '../server-process.js';
import { requireKubectl, requireTool } from '../tools.js';
import { RECENT, RECENT_APPLYING } from './kubectl-recent-table.js';
import { runSteps, runTutorial } from './kubectl-steps.js';
import { ABSENT, ACCESS, APPLYING, CHANGING, DISCOVERING, MAKING, WAITING } from './kubectl-table.js';

test('the newest kubectl works as with its own server', { concurrency: 3 }, async (t) => {
  const program = requireKubectl(t, 'newest');
  if (program === undefined) return;
  await using server = await startServer();
  const on = { program, server };
  await Promise.all([
    t.test('the newest kubectl makes, shows and deletes objects', (group) => runSteps(group, on, MAKING)),
    t.test('the newest kubectl checks, applies, compares and replaces manifests', (group) =>
      runSteps(group, on, APPLYING),
    ),
    t.test('the newest kubectl changes objects in place', (group) => runSteps(group, on, CHANGING)),
    t.test('the newest kubectl asks and grants who may do what', (group) => runSteps(group, on, ACCESS)),
    t.test('the newest kubectl finds out and explains what is served', (group) => runSteps(group, on, DISCOVERING)),
    t.test('the newest kubectl waits, watches and shows events', (group) => runSteps(group, on, WAITING)),
    t.test('the newest kubectl is told plainly what is not here', (group) => runSteps(group, on, ABSENT)),
    t.test('the newest kubectl prunes, and leaves it to the server to check manifests', (group) =>
      runSteps(group, on, RECENT_APPLYING),
    ),
    t.test('the newest kubectl has tokens made, knows who it is, and changes subresources', (group) =>
      runSteps(group, on, RECENT),
    ),
  ]);
});

test('the tutorial with cfssl, step by step, with the newest kubectl', async (t) => {
  const program = requireKubectl(t, 'newest');
  for (const tool of ['cfssl', 'cfssljson', 'jq', 'openssl']) if (!requireTool(t, tool)) return;
  if (program === undefined) return;
  await using server = await startServer();
  await runTutorial({ program, server });
});
