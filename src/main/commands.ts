import type { CommandEntry } from '../cli/program.js';

/** The commands that need a server or controllers, and so all of the program. */
export const MAIN_COMMANDS: readonly CommandEntry[] = [
  {
    name: 'up',
    summary: 'run an API server and its controllers here, in the foreground',
    load: async () => (await import('./up.js')).configureUp,
  },
  {
    name: 'store',
    summary: 'back up, restore and check what a server stores; make, rotate and use the keys that seal it',
    load: async () => (await import('./store.js')).configureStore,
  },
  {
    name: 'controller',
    summary: 'run the approver, the signer and the cleaner against any Kubernetes API server',
    load: async () => (await import('./controller.js')).configureController,
  },
  {
    name: 'explain',
    summary: 'tell on one page why a request waits, was refused or will be, and what to do',
    load: async () => (await import('./explain.js')).configureExplainCommand,
  },
  {
    name: 'policy',
    summary: 'check policies, test them on cases, and replay recorded decisions against them',
    load: async () => (await import('./policy.js')).configurePolicyCommand,
  },
  {
    name: 'rotate',
    summary: 'replace keys of the embedded server while it runs',
    load: async () => (await import('./rotate.js')).configureRotate,
  },
  {
    name: 'attack',
    summary: 'send requests that must not get through to a live approver and signer, and report',
    load: async () => (await import('./attack.js')).configureAttack,
  },
];
