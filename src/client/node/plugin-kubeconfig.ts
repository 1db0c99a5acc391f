import { isFields, configError, pathIn, type KubeconfigEntry, type RawFields } from './kubeconfig-files.js';
import type { PluginCredentials } from './server-access.js';

/**
 * The exec or auth-provider credentials of a user, as a kubeconfig that holds nothing else; undefined where it has none.
 * The command of an exec plugin that is a relative path starts at the kubeconfig's folder.
 */
export function pluginOf(entry: KubeconfigEntry, where: string): PluginCredentials | undefined {
  const exec = entry.fields['exec'];
  const provider = entry.fields['auth-provider'];
  if (exec !== undefined && exec !== null) {
    if (!isFields(exec)) throw configError(where, 'exec is no mapping of fields');
    const command = exec['command'];
    if (typeof command !== 'string' || command === '') throw configError(where, 'exec.command is missing');
    const located = /[\\/]/.test(command) ? pathIn(entry, command) : command;
    return { description: `exec ${command}`, kubeconfig: kubeconfigOf({ exec: { ...exec, command: located } }) };
  }
  if (provider === undefined || provider === null) return undefined;
  const name = isFields(provider) ? provider['name'] : undefined;
  if (typeof name !== 'string') throw configError(where, 'auth-provider.name is missing');
  return { description: `auth-provider ${name}`, kubeconfig: kubeconfigOf({ 'auth-provider': provider }) };
}

function kubeconfigOf(user: RawFields): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'plugin',
    contexts: [{ name: 'plugin', context: { cluster: 'plugin', user: 'plugin' } }],
    clusters: [{ name: 'plugin', cluster: { server: 'https://plugin.invalid' } }],
    users: [{ name: 'plugin', user }],
  });
}
