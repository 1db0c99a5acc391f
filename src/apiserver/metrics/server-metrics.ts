import type { VersionInfo } from '../version-info.js';
import { Histogram, type Labels } from './labelled-metrics.js';
import type { MetricFamily, MetricSource } from './metric-family.js';

/** What a request counts as. All of it comes from what is served, never from the client's choice of words. */
export interface RequestLabels {
  /** Upper case: GET, LIST, WATCH, POST, PUT, PATCH, DELETE, DELETECOLLECTION; other methods are OTHER. */
  readonly verb: string;
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly subresource: string;
  readonly scope: 'cluster' | 'namespace' | 'resource' | '';
  readonly dryRun: boolean;
}

/** Upper ends of the duration histogram, in seconds: those of the API server. */
const BUCKETS: readonly number[] = [
  0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60,
];

interface Series {
  readonly labels: Labels;
  readonly codes: Map<number, number>;
  readonly seconds: Histogram;
}

/** Counts what one server does. Counting costs a map look-up; everything else happens when somebody looks. */
export class ServerMetrics implements MetricSource {
  readonly #series = new Map<string, Series>();
  readonly #version: VersionInfo;
  #cutOff = 0;
  #gauges: () => { readonly reads: number; readonly writes: number; readonly watches: number } = () => ({
    reads: 0,
    writes: 0,
    watches: 0,
  });

  constructor(version: VersionInfo) {
    this.#version = version;
  }

  /** Where to read what is going on at the moment. */
  watchGauges(read: () => { readonly reads: number; readonly writes: number; readonly watches: number }): void {
    this.#gauges = read;
  }

  /** A request has been answered; a watch, when it has been started. */
  request(labels: RequestLabels, code: number, seconds: number): void {
    const { verb, group, version, resource, subresource, scope, dryRun } = labels;
    const key = `${verb} ${group}/${version}/${resource}/${subresource} ${scope} ${dryRun}`;
    let series = this.#series.get(key);
    if (series === undefined) {
      series = {
        labels: {
          verb,
          dry_run: dryRun ? 'All' : '',
          group,
          version,
          resource,
          subresource,
          scope,
          component: 'apiserver',
        },
        codes: new Map(),
        seconds: new Histogram(BUCKETS),
      };
      this.#series.set(key, series);
    }
    series.codes.set(code, (series.codes.get(code) ?? 0) + 1);
    if (verb === 'WATCH') return; // its duration says when the client left
    series.seconds.observe(seconds);
  }

  /** A watcher was too slow. */
  watchCutOff(): void {
    this.#cutOff++;
  }

  collect(): readonly MetricFamily[] {
    const all = [...this.#series.values()];
    const { reads, writes, watches } = this.#gauges();
    const { major, minor, gitVersion, platform } = this.#version;
    return [
      {
        name: 'apiserver_request_total',
        help: 'Requests by what they were for and how they were answered.',
        type: 'counter',
        samples: all.flatMap(({ labels, codes }) =>
          [...codes].map(([code, value]) => ({ labels: { ...labels, code: String(code) }, value })),
        ),
      },
      {
        name: 'apiserver_request_duration_seconds',
        help: 'Time to answer a request, watches aside.',
        type: 'histogram',
        samples: all.flatMap((series) => series.seconds.samples(series.labels)),
      },
      {
        name: 'apiserver_current_inflight_requests',
        help: 'Requests at work now, watches aside.',
        type: 'gauge',
        samples: [
          { labels: { request_kind: 'readOnly' }, value: reads },
          { labels: { request_kind: 'mutating' }, value: writes },
        ],
      },
      single('apiserver_longrunning_requests', 'Watches over connections now.', 'gauge', watches, { verb: 'WATCH' }),
      single(
        'countersign_watch_cut_off_total',
        'Watches ended because their client was too slow.',
        'counter',
        this.#cutOff,
      ),
      single('kubernetes_build_info', 'The version of the API that is served.', 'gauge', 1, {
        major,
        minor,
        git_version: gitVersion,
        platform,
      }),
    ];
  }
}

function single(
  name: string,
  help: string,
  type: 'counter' | 'gauge',
  value: number,
  labels: Labels = {},
): MetricFamily {
  return { name, help, type, samples: [{ labels, value }] };
}
