import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { CountersignError } from '../../base/error.js';

/** Environment variables. */
type Variables = Readonly<Record<string, string | undefined>>;

/**
 * The kubeconfig to use where nobody names one: undefined where kubectl's own rules find one (KUBECONFIG, ~/.kube/config,
 * a pod's service account), else the one that `countersign up` writes. CONFIG_INVALID with what to do where there is none.
 */
export function ownKubeconfig(env: Variables): string | undefined {
  const home = env['HOME'] ?? '';
  const named = (env['KUBECONFIG'] ?? '') !== '' || (env['KUBERNETES_SERVICE_HOST'] ?? '') !== '';
  if (named || (home !== '' && existsSync(join(home, '.kube', 'config')))) return undefined;
  const folder = env['COUNTERSIGN_DATA_DIR'] ?? '';
  const path = join(folder === '' ? join(home, '.countersign') : resolve(folder), 'admin.kubeconfig');
  if (existsSync(path)) return path;
  throw new CountersignError(
    'CONFIG_INVALID',
    `Cannot find an API server: there is no kubeconfig in $KUBECONFIG, ~/.kube/config or ${path}: ` +
      "start a server of your own with 'countersign up', or name a kubeconfig with --kubeconfig",
  );
}
