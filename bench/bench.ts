// npm run bench: ratios measured side by side in one run. Nothing here is a test.
import { benchDecisions } from './decisions.js';
import { benchAutomaticIssuance, benchIssuance, type IssuanceRow } from './issuance.js';
import { benchX509 } from './x509.js';

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

const { startMs, rows } = await benchIssuance();
process.stdout.write('\nPOST, approve, issued as seen by a watch: TLS, durable LMDB, 2 cores shared with the load\n');
process.stdout.write(`server ready after ${startMs.toFixed(0)} ms\n`);
printRows(rows);
process.stdout.write(
  '\nThe same by policy: a pod posts with its own token, a policy approves on record, the signer checks again\n',
);
printRows(await benchAutomaticIssuance());

function printRows(printed: readonly IssuanceRow[]): void {
  process.stdout.write(' clients    certs/s   p50 ms   p99 ms  CPU ms/cert  RSS MiB\n');
  for (const row of printed) {
    process.stdout.write(
      `${String(row.clients).padStart(8)}${number(row.perSecond, 0)}  ${number(row.p50Ms)}${number(row.p99Ms)}    ${number(row.cpuMsPerCertificate)}${number(row.rssMiB, 0)}\n`,
    );
  }
}
