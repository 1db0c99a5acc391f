import { LabelledHistograms, LabelledNumbers } from '../metrics/labelled-metrics.js';
import type { MetricFamily, MetricSource } from '../metrics/metric-family.js';
import type { QueueRefusal } from './fair-queue.js';
import type { RequestFlow } from './flow-of.js';

/** Why a request was turned away: what the queue says, or more bytes than its user may have in memory. */
export type FlowRefusal = QueueRefusal | 'bytes';

/** Upper ends of the waiting histogram, in seconds: those of the API server. */
const BUCKETS: readonly number[] = [0, 0.005, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30];

/** Counts what waits, what is let in and what is turned away. */
export class FlowMetrics implements MetricSource {
  readonly #rejected = new LabelledNumbers({
    name: 'apiserver_flowcontrol_rejected_requests_total',
    help: 'Requests answered 429, by the reason.',
    type: 'counter',
  });
  readonly #dispatched = new LabelledNumbers({
    name: 'apiserver_flowcontrol_dispatched_requests_total',
    help: 'Requests that were let in.',
    type: 'counter',
  });
  readonly #queued = new LabelledNumbers({
    name: 'apiserver_flowcontrol_current_inqueue_requests',
    help: 'Requests that wait now.',
    type: 'gauge',
  });
  readonly #executing = new LabelledNumbers({
    name: 'apiserver_flowcontrol_current_executing_requests',
    help: 'Requests that were let in and are not answered yet.',
    type: 'gauge',
  });
  readonly #waits = new LabelledHistograms(
    {
      name: 'apiserver_flowcontrol_request_wait_duration_seconds',
      help: 'Time that requests waited for their turn.',
      type: 'histogram',
    },
    BUCKETS,
  );
  readonly #seats: () => { readonly taken: number; readonly total: number };
  readonly #heldBytes: () => number;

  /** `seats` and `heldBytes` are asked at each scrape. */
  constructor(seats: () => { readonly taken: number; readonly total: number }, heldBytes: () => number) {
    this.#seats = seats;
    this.#heldBytes = heldBytes;
  }

  /** A request begins to wait. */
  queued(flow: RequestFlow): void {
    this.#queued.add(labelsOf(flow));
  }

  /** It waits no longer; `seconds` after it began to. */
  unqueued(flow: RequestFlow, seconds: number, execute: boolean): void {
    this.#queued.add(labelsOf(flow), -1);
    this.#waits.observe({ ...labelsOf(flow), execute: String(execute) }, seconds);
  }

  began(flow: RequestFlow): void {
    const labels = labelsOf(flow);
    this.#dispatched.add(labels);
    this.#executing.add(labels);
  }

  ended(flow: RequestFlow): void {
    this.#executing.add(labelsOf(flow), -1);
  }

  rejected(flow: RequestFlow, reason: FlowRefusal): void {
    this.#rejected.add(reasonOf(flow, reason));
  }

  collect(): readonly MetricFamily[] {
    const { taken, total } = this.#seats();
    return [
      ...[this.#rejected, this.#dispatched, this.#queued, this.#executing, this.#waits].flatMap((m) => m.collect()),
      gauge('apiserver_flowcontrol_current_executing_seats', 'Seats that are taken now.', taken),
      gauge('apiserver_flowcontrol_nominal_limit_seats', 'Seats there are.', total),
      gauge(
        'countersign_held_bytes',
        'Bodies that have come and answers that have not gone, in bytes.',
        this.#heldBytes(),
      ),
    ];
  }
}

type Labelled = Pick<RequestFlow, 'level' | 'schema'>;

function labelsOf({ level, schema }: Labelled): Record<'priority_level' | 'flow_schema', string> {
  return { priority_level: level.name, flow_schema: schema };
}

function reasonOf(flow: Labelled, reason: FlowRefusal): Record<string, string> {
  return { ...labelsOf(flow), reason };
}

function gauge(name: string, help: string, value: number): MetricFamily {
  return { name, help, type: 'gauge', samples: [{ labels: {}, value }] };
}
