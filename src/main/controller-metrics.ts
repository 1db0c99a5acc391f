import { LabelledHistograms, LabelledNumbers } from '../apiserver/metrics/labelled-metrics.js';
import type { MetricSource } from '../apiserver/metrics/metric-family.js';
import type { UnixSeconds } from '../base/clock.js';
import type { ApproverMetrics } from '../controllers/approver/approver.js';
import type { ControllerMetrics } from '../controllers/runtime/run-controllers.js';
import type { SignerMetrics } from '../controllers/signer/signer.js';

/** Counts what the controllers of one process do. What it shows is in docs/metrics.md. */
export interface CountingControllers extends MetricSource {
  readonly approver: ApproverMetrics;
  readonly signer: SignerMetrics;
  readonly controllers: ControllerMetrics;
  /** A signer begins to sign, with a CA whose first certificate ends then. */
  signs(signerName: string, notAfter: UnixSeconds): void;
}

/** Upper ends of the buckets, in seconds: from a look into memory to a call that had to be given up. */
const BUCKETS: readonly number[] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/**
 * Starts to count. Every label is a word of ours or of an administrator: a signer that somebody configured, a policy
 * that somebody wrote. Nothing that a requester chooses becomes one.
 */
export function countControllers(): CountingControllers {
  const approving = countApprover();
  const signing = countSigner();
  const running = countLoops();
  return {
    approver: approving.approver,
    signer: signing.signer,
    signs: signing.signs,
    controllers: running.controllers,
    collect: () => [approving, signing, running].flatMap(({ sources }) => sources.flatMap((s) => s.collect())),
  };
}

interface Counted {
  readonly sources: readonly MetricSource[];
}

function countApprover(): Counted & Pick<CountingControllers, 'approver'> {
  const decisions = new LabelledNumbers({
    name: 'countersign_approver_decisions_total',
    help: 'Requests approved and denied by each policy, and how often a request came to wait for something else.',
    type: 'counter',
  });
  return {
    sources: [decisions],
    approver: {
      approved: (signer, policy) => decisions.add({ policy, signer, verdict: 'approved' }),
      denied: (signer, policy) => decisions.add({ policy, signer, verdict: 'denied' }),
      deferred: (signer) => decisions.add({ policy: '', signer, verdict: 'deferred' }),
    },
  };
}

function countSigner(): Counted & Pick<CountingControllers, 'signer' | 'signs'> {
  const certificates = new LabelledNumbers({
    name: 'countersign_signer_certificates_total',
    help: 'Certificates published, requests that never can be signed, and signatures that nobody will see.',
    type: 'counter',
  });
  const authorities = new LabelledNumbers({
    name: 'countersign_signer_ca_expiration_timestamp_seconds',
    help: "When the first certificate of the signer's CA ends, in seconds since 1970.",
    type: 'gauge',
  });
  return {
    sources: [certificates, authorities],
    signer: {
      issued: (signer) => certificates.add({ signer, outcome: 'issued' }),
      refused: (signer) => certificates.add({ signer, outcome: 'refused' }),
      lost: (signer) => certificates.add({ signer, outcome: 'lost' }),
    },
    signs: (signer, notAfter) => {
      // From 0, so that the first of them is an increase.
      for (const outcome of ['issued', 'refused', 'lost']) certificates.add({ signer, outcome }, 0);
      authorities.set({ signer }, notAfter);
    },
  };
}

function countLoops(): Counted & Pick<CountingControllers, 'controllers'> {
  const reconciles = new LabelledNumbers({
    name: 'countersign_controller_reconciles_total',
    help: 'Keys worked on, by what came of it.',
    type: 'counter',
  });
  const seconds = new LabelledHistograms(
    { name: 'countersign_controller_reconcile_seconds', help: 'Time to work on one key.', type: 'histogram' },
    BUCKETS,
  );
  const depth = new LabelledNumbers({
    name: 'countersign_controller_queue_depth',
    help: 'Keys that wait for a worker now.',
    type: 'gauge',
  });
  return {
    sources: [reconciles, seconds, depth],
    controllers: {
      reconciled: (controller, outcome, took) => {
        reconciles.add({ controller, outcome });
        seconds.observe({ controller }, took);
      },
      queueDepth: (controller, keys) => depth.set({ controller }, keys),
    },
  };
}
