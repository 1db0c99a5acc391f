import { loadCelEngine } from '../cel/cel-engine.js';
import type { ConfigureCommand } from '../cli/command-entry.js';
import { configurePolicy } from '../cli/commands/policy.js';
import { addApprovalFlags, approvalSettings } from './approval-flags.js';
import { examinePolicyFiles } from './policy-files.js';
import { readManifest } from './read-manifest.js';

/** Adds the commands of `policy`, which need the engine of rules and the schema of policies. */
export const configurePolicyCommand: ConfigureCommand = (command, environment) => {
  const { clock } = environment;
  const parts = {
    loadEngine: () => loadCelEngine({ clock }),
    examine: examinePolicyFiles,
    readManifest,
    settingsOf: approvalSettings,
  };
  configurePolicy(command, parts, environment, addApprovalFlags);
};
