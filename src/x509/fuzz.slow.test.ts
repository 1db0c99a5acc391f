import { test, type TestContext } from 'node:test';
import { readCorpus } from '../../test/fuzz/corpus.js';
import { Chance } from '../../test/fuzz/random.js';
import { fuzzCertificate, fuzzPem, fuzzRequest, type Seen } from '../../test/fuzz/x509-targets.js';

/** Seconds for each target; FUZZ_SECONDS makes it longer. A failure names its seed, which FUZZ_SEED runs again alone. */
const SECONDS = Number(process.env['FUZZ_SECONDS'] ?? 60);
const ONE_SEED = process.env['FUZZ_SEED'];

function run(t: TestContext, target: (chance: Chance, seen: Seen) => void): void {
  const seen: Seen = { read: 0, refused: 0 };
  const first = ONE_SEED === undefined ? Math.floor(Math.random() * 0x7fffffff) : Number(ONE_SEED);
  const end = performance.now() + SECONDS * 1000;
  for (let seed = first; performance.now() < end; seed++) {
    try {
      target(new Chance(seed), seen);
    } catch (cause) {
      throw new Error(`FUZZ_SEED=${seed}`, { cause });
    }
    if (ONE_SEED !== undefined) break;
  }
  t.diagnostic(`from seed ${first}: ${JSON.stringify(seen)}`);
}

test('requests, for long', (t) => {
  const { requests } = readCorpus();
  run(t, (chance, seen) => {
    fuzzRequest(chance.pick(requests), chance, seen);
  });
});

test('certificates, for long', (t) => {
  const { certificates } = readCorpus();
  run(t, (chance, seen) => {
    fuzzCertificate(chance.pick(certificates), chance, seen);
  });
});

test('PEM, for long', (t) => {
  run(t, fuzzPem);
});
