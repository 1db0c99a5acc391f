import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '../../base/error.js';
import { configError } from './kubeconfig-files.js';
import type { ServerAccess } from './server-access.js';

/** Where the kubelet puts the service account of a pod. */
export const SERVICE_ACCOUNT_FOLDER = '/var/run/secrets/kubernetes.io/serviceaccount';

/**
 * The API server of the cluster whose pod this is, with the pod's service account; undefined where this is no pod. The
 * token is read from its file again and again, for the kubelet renews it.
 */
export async function inClusterAccess(
  env: Readonly<Record<string, string | undefined>>,
  folder: string = SERVICE_ACCOUNT_FOLDER,
): Promise<ServerAccess | undefined> {
  const host = env['KUBERNETES_SERVICE_HOST'];
  const port = env['KUBERNETES_SERVICE_PORT'];
  if (host === undefined || host === '' || port === undefined || port === '') return undefined;
  const tokenFile = join(folder, 'token');
  const caPem = await required(join(folder, 'ca.crt'));
  await required(tokenFile);
  return {
    server: `https://${host.includes(':') ? `[${host}]` : host}:${port}`,
    caPem,
    insecureSkipTlsVerify: false,
    namespace: (await optional(join(folder, 'namespace')))?.trim() ?? 'default',
    credentials: { tokenFile },
    source: 'in-cluster',
  };
}

async function required(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw configError('in-cluster', messageOf(error), error);
  }
}

async function optional(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch {
    return undefined; // a pod may be given a token and no namespace
  }
}
