// npm run bench: ratios measured side by side in one run. Nothing here is a test.
import { benchIssuance } from './issuance.js';
import { benchX509 } from './x509.js';

const number = (value: number, digits = 2): string => value.toFixed(digits).padStart(9);

process.stdout.write(
  'One request parsed, verified, built and signed, against the bare OpenSSL operations in it (ms)\n',
);
process.stdout.write('                   ours     bare    ratio\n');
for (const row of await benchX509()) {
  process.stdout.write(`${row.name.padEnd(15)}${number(row.ours, 4)}${number(row.bare, 4)}${number(row.ratio)}\n`);
}

const { startMs, rows } = await benchIssuance();
process.stdout.write('\nPOST, approve, issued as seen by a watch: TLS, durable LMDB, 2 cores shared with the load\n');
process.stdout.write(`server ready after ${startMs.toFixed(0)} ms\n`);
process.stdout.write(' clients    certs/s   p50 ms   p99 ms  CPU ms/cert  RSS MiB\n');
for (const row of rows) {
  process.stdout.write(
    `${String(row.clients).padStart(8)}${number(row.perSecond, 0)}  ${number(row.p50Ms)}${number(row.p99Ms)}    ${number(row.cpuMsPerCertificate)}${number(row.rssMiB, 0)}\n`,
  );
}
