import { LabelledHistograms, LabelledNumbers } from '../apiserver/metrics/labelled-metrics.js';
import type { MetricFamily, MetricSource } from '../apiserver/metrics/metric-family.js';
import type { EtcdUsage, ObservedRequest } from '../storage/etcd/open-etcd-store.js';

/** Upper ends of buckets, in seconds, as kube-apiserver has them for etcd; its finest ones left out. */
const ENDS = [0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.25, 1.5, 2, 3, 5, 10, 15];

/** Counts what a store asks of etcd, and how full etcd is. Names are those of Kubernetes, where it has one. */
export class EtcdMetrics implements MetricSource {
  readonly #seconds = new LabelledHistograms(
    { name: 'etcd_request_duration_seconds', help: 'Time that etcd took to answer.', type: 'histogram' },
    ENDS,
  );
  #usage: EtcdUsage | undefined;
  #refresh: () => Promise<void> = () => Promise.resolve();

  /** An operation was answered; may be passed on its own. */
  readonly observe = ({ operation, key, seconds }: ObservedRequest): void => {
    this.#seconds.observe({ operation, type: typeOf(key) }, seconds);
  };

  /** Asks how full etcd is, from now on after each scrape: the next one tells it. */
  async follow(usage: () => Promise<EtcdUsage>): Promise<void> {
    this.#refresh = async () => {
      this.#usage = await usage().catch(() => this.#usage); // a store that is closed tells nothing new
    };
    await this.#refresh();
  }

  collect(): readonly MetricFamily[] {
    void this.#refresh();
    const size = new LabelledNumbers({
      name: 'apiserver_storage_size_bytes',
      help: 'Size of the data file of a member of etcd.',
      type: 'gauge',
    });
    const used = new LabelledNumbers({
      name: 'countersign_etcd_used_bytes',
      help: 'What a defragmentation would leave of the data file of a member of etcd.',
      type: 'gauge',
    });
    const alarms = new LabelledNumbers({
      name: 'countersign_etcd_alarm',
      help: '1 while etcd has raised the alarm, else 0.',
      type: 'gauge',
    });
    for (const member of this.#usage?.members ?? []) {
      if ('problem' in member) continue;
      size.set({ storage_cluster_id: member.endpoint }, member.fileBytes);
      used.set({ storage_cluster_id: member.endpoint }, member.usedBytes);
    }
    for (const alarm of ['NOSPACE', 'CORRUPT'] as const) {
      alarms.set({ alarm }, this.#usage?.alarms.includes(alarm) === true ? 1 : 0);
    }
    return [...this.#seconds.collect(), ...size.collect(), ...used.collect(), ...alarms.collect()];
  }
}

/** The resource that a key belongs to: `pods` for `/registry/pods/default/a`. */
function typeOf(key: string): string {
  const [, registry, first = '', second = ''] = key.split('/', 4);
  if (registry !== 'registry' || first === '') return 'none';
  return first.includes('.') ? second : first;
}
