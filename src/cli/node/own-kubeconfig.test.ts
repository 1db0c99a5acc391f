import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { hasCode } from '../../base/error.js';
import { ownKubeconfig } from './own-kubeconfig.js';

function openHome(t: { after(cleanUp: () => void): void }): string {
  const home = mkdtempSync(join(tmpdir(), 'countersign-home-'));
  t.after(() => rmSync(home, { recursive: true, force: true }));
  return home;
}

test('tells a newcomer what to do where there is no kubeconfig at all', (t) => {
  const home = openHome(t);
  for (const env of [
    { HOME: home },
    { HOME: home, KUBECONFIG: '' },
    { HOME: home, COUNTERSIGN_DATA_DIR: join(home, 'x') },
  ]) {
    assert.throws(
      () => ownKubeconfig(env),
      (error) =>
        hasCode(error, 'CONFIG_INVALID') && error.message.includes("start a server of your own with 'countersign up'"),
    );
  }
});

test("leaves it to kubectl's rules where they find something", (t) => {
  const home = openHome(t);
  assert.equal(ownKubeconfig({ HOME: home, KUBECONFIG: 'x' }), undefined);
  assert.equal(ownKubeconfig({ HOME: home, KUBERNETES_SERVICE_HOST: '10.0.0.1' }), undefined);
  mkdirSync(join(home, '.kube'));
  writeFileSync(join(home, '.kube', 'config'), '');
  assert.equal(ownKubeconfig({ HOME: home }), undefined);
});

test('else takes the one that countersign up wrote', (t) => {
  const home = openHome(t);
  mkdirSync(join(home, '.countersign'));
  writeFileSync(join(home, '.countersign', 'admin.kubeconfig'), '');
  assert.equal(ownKubeconfig({ HOME: home }), join(home, '.countersign', 'admin.kubeconfig'));
  mkdirSync(join(home, 'data'));
  writeFileSync(join(home, 'data', 'admin.kubeconfig'), '');
  assert.equal(
    ownKubeconfig({ HOME: home, COUNTERSIGN_DATA_DIR: join(home, 'data') }),
    join(home, 'data', 'admin.kubeconfig'),
  );
});
