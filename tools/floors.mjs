// The house as data: which folder of src/ may import which, and which packages may be imported where.
// docs/architecture.md tells why. tools/check-floors.mjs enforces it.

/** Folders of src/ and the folders they may import from, besides themselves. Imports go down only. */
export const FLOORS = {
  base: [],
  asn1: ['base'],
  kube: ['base'],
  storage: ['base'],
  x509: ['asn1', 'base'],
  crypto: ['x509', 'asn1', 'base'],
  certificates: ['x509', 'kube', 'base'],
  authority: ['certificates', 'crypto', 'x509', 'asn1', 'base'],
  policy: ['certificates', 'x509', 'kube', 'base'],
  registry: ['certificates', 'storage', 'kube', 'base'],
  client: ['certificates', 'kube', 'base'],
  apiserver: ['registry', 'certificates', 'crypto', 'x509', 'kube', 'base'],
  controllers: ['client', 'policy', 'authority', 'certificates', 'crypto', 'x509', 'kube', 'base'],
  cli: ['client', 'certificates', 'authority', 'policy', 'crypto', 'x509', 'kube', 'base'],
  limbo: ['client', 'policy', 'authority', 'certificates', 'crypto', 'x509', 'asn1', 'kube', 'base'],
  cel: ['policy', 'kube', 'base'],
  console: ['client', 'certificates', 'x509', 'kube', 'base'],
  main: '*',
};

/** Folders that only the named folders and files may import from (and they themselves). */
export const ADAPTERS = {
  'storage/lmdb': ['main'],
  'storage/etcd': ['main'],
  'apiserver/node': ['main'],
  'client/node': ['main', 'cli', 'client/index.ts'],
  cel: ['main'],
};

/**
 * Modules from outside that a folder may import; the longest matching folder counts. `node:*` is every builtin. A
 * folder that is not here imports nothing from outside.
 */
export const PACKAGES = {
  crypto: ['node:crypto', 'node:buffer', 'node:util'],
  'storage/lmdb': ['node:*', 'lmdb'],
  'storage/etcd': ['node:*', '@grpc/grpc-js', 'protobufjs/minimal.js'],
  'storage/testing': ['node:test', 'node:assert/strict', 'node:timers/promises'],
  registry: ['node:buffer'],
  apiserver: ['prom-client', 'protobufjs/minimal.js', 'yaml', 'node:module', 'node:util', 'node:zlib'],
  'apiserver/node': ['node:*'],
  'client/node': ['node:*', '@kubernetes/client-node', 'undici', 'yaml'],
  cel: ['@bufbuild/cel', '@bufbuild/cel/ext', '@bufbuild/re2'],
  cli: ['commander', 'yaml', 'node:fs', 'node:fs/promises', 'node:path'],
  'cli/node': ['node:*', 'yaml'],
  main: ['node:*', 'prom-client', 'yaml', 'commander'],
};

/** Packages too slow or too large to load before they are needed: only `import()` and `import type`. */
export const LAZY = [
  '@bufbuild/cel',
  '@bufbuild/cel/ext',
  '@bufbuild/re2',
  '@grpc/grpc-js',
  '@kubernetes/client-node',
  'lmdb',
];

/** Longest file, in lines. */
export const MAX_LINES = 500;
