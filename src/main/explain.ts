import { loadCelEngine } from '../cel/cel-engine.js';
import type { ConfigureCommand } from '../cli/command-entry.js';
import { configureExplain } from '../cli/commands/explain.js';
import { cleaningFacts, deadlines } from '../controllers/cleaner/decide.js';
import { addApprovalFlags, approvalSettings } from './approval-flags.js';

/** Adds the flags of `explain`, which asks the policies and knows the cleaner. */
export const configureExplainCommand: ConfigureCommand = (command, environment) => {
  const { clock } = environment;
  configureExplain(
    addApprovalFlags(command),
    {
      loadEngine: () => loadCelEngine({ clock }),
      settingsOf: approvalSettings,
      deadlinesOf: (csr) => deadlines(cleaningFacts(csr)),
    },
    environment,
  );
};
