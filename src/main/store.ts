import type { ConfigureCommand } from '../cli/command-entry.js';
import { addBackupCommands } from './store-backup.js';
import { addKeyCommands } from './store-keys.js';
import { addRewriteCommands } from './store-rewrite.js';

/** Adds the commands of `store`: what lies on the disk, apart from what it means. */
export const configureStore: ConfigureCommand = (command, environment) => {
  addBackupCommands(command, environment);
  addKeyCommands(command, environment);
  addRewriteCommands(command, environment);
};
