import type { MetricFamily, MetricSource, Sample } from './metric-family.js';

/** Label values by label names. Who counts sees to it that there are few of them. */
export type Labels = Readonly<Record<string, string>>;

/** What a metric is called, and what it says. */
export interface MetricHead<T extends MetricFamily['type']> {
  readonly name: string;
  readonly help: string;
  readonly type: T;
}

/** Observations in buckets, with their sum. */
export class Histogram {
  readonly #ends: readonly number[];
  readonly #counts: number[];
  #sum = 0;
  #count = 0;

  /** `ends` are the upper ends of the buckets, ascending, without infinity. */
  constructor(ends: readonly number[]) {
    this.#ends = ends;
    this.#counts = new Array<number>(ends.length).fill(0);
  }

  observe(value: number): void {
    this.#sum += value;
    this.#count++;
    const bucket = this.#ends.findIndex((end) => value <= end);
    if (bucket >= 0) this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
  }

  /** The cumulative buckets, sum and count; nothing where nothing was observed. */
  samples(labels: Labels): readonly Sample[] {
    if (this.#count === 0) return [];
    let below = 0;
    const buckets = this.#ends.map((end, i): Sample => {
      below += this.#counts[i] ?? 0;
      return { suffix: '_bucket', labels: { ...labels, le: String(end) }, value: below };
    });
    return [
      ...buckets,
      { suffix: '_bucket', labels: { ...labels, le: '+Inf' }, value: this.#count },
      { suffix: '_sum', labels, value: this.#sum },
      { suffix: '_count', labels, value: this.#count },
    ];
  }
}

/** Something for each combination of label values, made when first asked for. */
class ByLabels<T> {
  readonly #series = new Map<string, { readonly labels: Labels; readonly held: T }>();
  readonly #make: () => T;

  constructor(make: () => T) {
    this.#make = make;
  }

  of(labels: Labels): T {
    const key = JSON.stringify(Object.values(labels));
    let series = this.#series.get(key);
    if (series === undefined) {
      series = { labels, held: this.#make() };
      this.#series.set(key, series);
    }
    return series.held;
  }

  samples(read: (held: T, labels: Labels) => readonly Sample[]): readonly Sample[] {
    return [...this.#series.values()].flatMap(({ labels, held }) => read(held, labels));
  }
}

/** One number for each combination of label values, which are always given in the same order. */
export class LabelledNumbers implements MetricSource {
  readonly #head: MetricHead<'counter' | 'gauge'>;
  readonly #numbers = new ByLabels(() => ({ value: 0 }));

  constructor(head: MetricHead<'counter' | 'gauge'>) {
    this.#head = head;
  }

  /** Adds to a number; with 0, shows it before there was anything to count. */
  add(labels: Labels, amount = 1): void {
    this.#numbers.of(labels).value += amount;
  }

  set(labels: Labels, value: number): void {
    this.#numbers.of(labels).value = value;
  }

  collect(): readonly MetricFamily[] {
    return [{ ...this.#head, samples: this.#numbers.samples(({ value }, labels) => [{ labels, value }]) }];
  }
}

/** One histogram for each combination of label values, which are always given in the same order. */
export class LabelledHistograms implements MetricSource {
  readonly #head: MetricHead<'histogram'>;
  readonly #histograms: ByLabels<Histogram>;

  constructor(head: MetricHead<'histogram'>, ends: readonly number[]) {
    this.#head = head;
    this.#histograms = new ByLabels(() => new Histogram(ends));
  }

  observe(labels: Labels, value: number): void {
    this.#histograms.of(labels).observe(value);
  }

  collect(): readonly MetricFamily[] {
    return [{ ...this.#head, samples: this.#histograms.samples((histogram, labels) => histogram.samples(labels)) }];
  }
}
