import { readFileSync } from 'node:fs';
import type { ConfigureCommand } from '../command-entry.js';
import { outputFlag, rawFlags } from '../flags.js';

/** `version`: which countersign, on which Node. */
export const configureVersion: ConfigureCommand = (command, environment) => {
  command.option('-o, --output <format>', 'json or yaml').action(async () => {
    const format = outputFlag(rawFlags(command));
    const version = { version: packageVersion(), node: process.version };
    if (format === 'json' || format === 'yaml') {
      const { formatObject } = await import('../format-object.js');
      environment.stdout.write(await formatObject(version, format));
    } else {
      environment.stdout.write(`countersign ${version.version} (Node ${version.node})\n`);
    }
  });
};

/** The version in package.json, which lies at the same place above the sources and above what they compile to. */
export function packageVersion(): string {
  const text = readFileSync(new URL('../../../package.json', import.meta.url), 'utf8');
  const manifest: unknown = JSON.parse(text);
  const version = typeof manifest === 'object' && manifest !== null && 'version' in manifest ? manifest.version : '';
  return typeof version === 'string' ? version : '';
}
