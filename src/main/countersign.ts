#!/usr/bin/env node
import { createProcessEnvironment } from '../cli/node/process-environment.js';
import { runProgram } from '../cli/program.js';
import { MAIN_COMMANDS } from './commands.js';
import { createSystemClock } from './system-clock.js';

const environment = createProcessEnvironment(createSystemClock());
process.exitCode = await runProgram(process.argv.slice(2), environment, MAIN_COMMANDS);
