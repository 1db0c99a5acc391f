// npm run bench: ratios measured side by side in one run. Nothing here is a test.
import { benchApi, benchFullStore, STORAGES } from './api.js';
import { benchDecisions } from './decisions.js';
import { hasEtcd, openEtcdBench } from './etcd.js';
import { benchEncryption } from './encryption.js';
import { benchAutomaticIssuance, benchIssuance, type IssuanceRow } from './issuance.js';
import { benchX509 } from './x509.js';

/** How many objects the full store has. */
const FULL_STORE = 100_000;

const storages = [...STORAGES, ...(hasEtcd() ? [{ storage: 'etcd', open: openEtcdBench }] : [])];

const number = (value: number, digits = 2): string => value.toFixed(digits).padStart(9);

process.stdout.write(
  'One request parsed, verified, built and signed, against the bare OpenSSL operations in it (ms)\n',
);
process.stdout.write('                   ours     bare    ratio\n');
for (const row of await benchX509()) {
  process.stdout.write(`${row.name.padEnd(15)}${number(row.ours, 4)}${number(row.bare, 4)}${number(row.ratio)}\n`);
}

const decisions = await benchDecisions();
process.stdout.write('\nDecisions in a cluster of 10,000 pods, 2,000 Services and 200 policies, on one core\n');
for (const row of decisions.rows) process.stdout.write(`${row.name.padEnd(45)}${number(row.perSecond, 0)} /s\n`);
process.stdout.write(
  `facts and policies take ${decisions.factsMiB.toFixed(0)} MiB, the process ${decisions.rssMiB.toFixed(0)} MiB; a request is read and verified in ${decisions.readMs.toFixed(3)} ms before\n`,
);

process.stdout.write('\nA Secret of 4 KiB in the store, plain and sealed, µs of CPU\n');
process.stdout.write('                   plain   sealed\n');
for (const row of await benchEncryption()) {
  process.stdout.write(`${row.name.padEnd(15)}${number(row.plain, 1)}${number(row.sealed, 1)}\n`);
}

const { startMs, rows } = await benchIssuance();
process.stdout.write('\nPOST, approve, issued as seen by a watch: TLS, durable LMDB, 2 cores shared with the load\n');
process.stdout.write(`server ready after ${startMs.toFixed(0)} ms\n`);
printRows(rows);
process.stdout.write(
  '\nThe same by policy: a pod posts with its own token, a policy approves on record, the signer checks again\n',
);
printRows(await benchAutomaticIssuance());

process.stdout.write('\nThe API over TLS, 2 cores shared with the load; CPU of server and store together\n');
process.stdout.write('store   operation    clients  requests/s   p50 ms   p99 ms   CPU ms  per CPU-second\n');
for (const storage of storages) {
  await using bench = await storage.open();
  for (const { storage: name, operation, clients, perSecond, p50Ms, p99Ms, cpuMs } of await benchApi(bench)) {
    process.stdout.write(
      `${name.padEnd(8)}${operation.padEnd(12)}${String(clients).padStart(8)}   ${number(perSecond, 0)}${number(p50Ms)}${number(p99Ms)}${number(cpuMs, 3)}       ${number(1000 / cpuMs, 0)}\n`,
    );
  }
}
process.stdout.write(`\n${FULL_STORE} requests stored\n`);
for (const storage of storages) {
  await using bench = await storage.open();
  const row = await benchFullStore(bench, FULL_STORE);
  process.stdout.write(
    `${row.storage.padEnd(8)}RSS ${row.rssMiB.toFixed(0)} MiB, listed in ${row.listSeconds.toFixed(1)} s${row.restartMs === undefined ? '' : `, started again in ${row.restartMs.toFixed(0)} ms with ${row.rssAfterRestartMiB?.toFixed(0)} MiB`}\n`,
  );
}

function printRows(printed: readonly IssuanceRow[]): void {
  process.stdout.write(' clients    certs/s   p50 ms   p99 ms  CPU ms/cert  RSS MiB\n');
  for (const row of printed) {
    process.stdout.write(
      `${String(row.clients).padStart(8)}${number(row.perSecond, 0)}  ${number(row.p50Ms)}${number(row.p99Ms)}    ${number(row.cpuMsPerCertificate)}${number(row.rssMiB, 0)}\n`,
    );
  }
}
