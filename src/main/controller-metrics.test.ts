import assert from 'node:assert/strict';
import { test } from 'node:test';
import { metricsText } from '../apiserver/metrics/metric-family.js';
import { toUnixSeconds } from '../base/clock.js';
import { countControllers } from './controller-metrics.js';

test('a signer is there from the start, with nothing counted and the end of its CA', () => {
  const metrics = countControllers();
  metrics.signs('a.b/c', toUnixSeconds(1_800_000_000));
  assert.deepEqual(
    metricsText(metrics.collect())
      .split('\n')
      .filter((line) => line.includes('a.b/c')),
    [
      'countersign_signer_certificates_total{signer="a.b/c",outcome="issued"} 0',
      'countersign_signer_certificates_total{signer="a.b/c",outcome="refused"} 0',
      'countersign_signer_certificates_total{signer="a.b/c",outcome="lost"} 0',
      'countersign_signer_ca_expiration_timestamp_seconds{signer="a.b/c"} 1800000000',
    ],
  );
});

test('a signer that begins again keeps what was counted', () => {
  const metrics = countControllers();
  metrics.signer.issued('a.b/c');
  metrics.signs('a.b/c', toUnixSeconds(1));
  const lines = metricsText(metrics.collect()).split('\n');
  assert.ok(lines.includes('countersign_signer_certificates_total{signer="a.b/c",outcome="issued"} 1'));
});

test('every decision is counted for its policy, and what waits for none', () => {
  const metrics = countControllers();
  const { approver } = metrics;
  approver.approved('a.b/c', 'p');
  approver.approved('a.b/c', 'p');
  approver.denied('a.b/c', 'p');
  approver.deferred('a.b/c');
  assert.deepEqual(
    metricsText(metrics.collect())
      .split('\n')
      .filter((line) => line.startsWith('countersign_approver_decisions_total{')),
    [
      'countersign_approver_decisions_total{policy="p",signer="a.b/c",verdict="approved"} 2',
      'countersign_approver_decisions_total{policy="p",signer="a.b/c",verdict="denied"} 1',
      'countersign_approver_decisions_total{policy="",signer="a.b/c",verdict="deferred"} 1',
    ],
  );
});
