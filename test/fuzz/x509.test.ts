import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readCorpus } from './corpus.js';
import { Chance } from './random.js';
import { fuzzCertificate, fuzzPem, fuzzRequest, type Seen } from './x509-targets.js';

/** The short run of `npm test`: the same seeds each time. The long one is x509.slow.test.ts. */
const SEED = 20_240_229;
const ROUNDS = 4_000;

test('changed requests are read or refused, and never verified with other content', () => {
  const { requests } = readCorpus();
  const seen: Seen = { read: 0, refused: 0 };
  for (let i = 0; i < ROUNDS; i++) {
    const chance = new Chance(SEED + i);
    fuzzRequest(chance.pick(requests), chance, seen);
  }
  assert.ok(seen.read > ROUNDS / 20 && seen.refused > ROUNDS / 20, JSON.stringify(seen));
});

test('changed certificates are read or refused, and read as OpenSSL reads them', () => {
  const { certificates } = readCorpus();
  const seen: Seen = { read: 0, refused: 0 };
  for (let i = 0; i < ROUNDS; i++) {
    const chance = new Chance(SEED - i);
    fuzzCertificate(chance.pick(certificates), chance, seen);
  }
  assert.ok(seen.read > ROUNDS / 20 && seen.refused > ROUNDS / 20, JSON.stringify(seen));
});

test('PEM at random is read as the specification says it', () => {
  const seen: Seen = { read: 0, refused: 0 };
  for (let i = 0; i < ROUNDS * 5; i++) fuzzPem(new Chance(SEED + i), seen);
});
