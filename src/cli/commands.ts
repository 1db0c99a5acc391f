import type { CommandEntry } from './command-entry.js';

/** Our commands, in the order in which help lists them. Each is loaded when it is called. */
export const COMMANDS: readonly CommandEntry[] = [
  {
    name: 'request',
    summary: 'make a key and a request, submit it, wait for the certificate and write the files',
    load: async () => (await import('./commands/request.js')).configureRequest,
  },
  {
    name: 'approve',
    summary: 'approve certificate signing requests',
    load: async () => (await import('./commands/approve.js')).configureApprove,
  },
  {
    name: 'deny',
    summary: 'deny certificate signing requests',
    load: async () => (await import('./commands/deny.js')).configureDeny,
  },
  {
    name: 'get',
    summary: 'list certificate signing requests',
    load: async () => (await import('./commands/get.js')).configureGet,
  },
  {
    name: 'describe',
    summary: 'show a certificate signing request with its PKCS#10 decoded',
    load: async () => (await import('./commands/describe.js')).configureDescribe,
  },
  {
    name: 'genkey',
    summary: "make a key and a PKCS#10 request from cfssl's CSR JSON",
    load: async () => (await import('./commands/genkey.js')).configureGenkey,
  },
  {
    name: 'ca',
    summary: 'make a certificate authority of your own',
    load: async () => (await import('./commands/ca.js')).configureCa,
  },
  {
    name: 'sign',
    summary: 'sign a PKCS#10 request with a CA from files',
    load: async () => (await import('./commands/sign.js')).configureSign,
  },
  {
    name: 'publish',
    summary: 'upload a signed certificate to the request that it answers',
    load: async () => (await import('./commands/publish.js')).configurePublish,
  },
  {
    name: 'inspect',
    summary: 'show any certificate, request, chain, key or bundle, PEM or DER',
    load: async () => (await import('./commands/inspect.js')).configureInspect,
  },
  {
    name: 'verify',
    summary: 'check a certificate: chain, host name, key, dates',
    load: async () => (await import('./commands/verify.js')).configureVerify,
  },
  {
    name: 'records',
    summary: 'list and search what was decided and issued: who has a certificate for a name',
    load: async () => (await import('./commands/records.js')).configureRecords,
  },
  {
    name: 'verify-record',
    summary: 'say what a record shows, and whether an approver wrote it',
    load: async () => (await import('./commands/verify-record.js')).configureVerifyRecord,
  },
  {
    name: 'trust',
    summary: 'export the trust root of a signer',
    load: async () => (await import('./commands/trust.js')).configureTrust,
  },
  {
    name: 'version',
    summary: 'print the version',
    load: async () => (await import('./commands/version.js')).configureVersion,
  },
];
