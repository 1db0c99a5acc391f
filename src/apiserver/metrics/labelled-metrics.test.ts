import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LabelledHistograms, LabelledNumbers } from './labelled-metrics.js';
import { metricsText } from './metric-family.js';

test('what was never counted has a name and no numbers', () => {
  const numbers = new LabelledNumbers({ name: 'a_total', help: 'A', type: 'counter' });
  const histograms = new LabelledHistograms({ name: 'b_seconds', help: 'B', type: 'histogram' }, [1]);
  assert.equal(
    metricsText([numbers, histograms].flatMap((source) => source.collect())),
    '# HELP a_total A\n# TYPE a_total counter\n# HELP b_seconds B\n# TYPE b_seconds histogram\n',
  );
});

test('label values are never taken for one another, wherever they could be cut', () => {
  const numbers = new LabelledNumbers({ name: 'a', help: 'A', type: 'gauge' });
  numbers.set({ x: 'p","q', y: '' }, 1);
  numbers.set({ x: 'p', y: 'q' }, 2);
  numbers.add({ x: 'p', y: 'q' }, 3);
  numbers.add({ x: '', y: 'p q' }, 0);
  const [family] = numbers.collect();
  assert.deepEqual(
    family?.samples.map(({ value }) => value),
    [1, 5, 0],
  );
});

test('observations are counted in every bucket that they fit into, and beyond the last', () => {
  const histograms = new LabelledHistograms({ name: 'b_seconds', help: 'B', type: 'histogram' }, [0.5, 2]);
  for (const value of [0.5, 1, 3]) histograms.observe({ x: 'a' }, value);
  assert.deepEqual(metricsText(histograms.collect()).split('\n').slice(2, -1), [
    'b_seconds_bucket{x="a",le="0.5"} 1',
    'b_seconds_bucket{x="a",le="2"} 2',
    'b_seconds_bucket{x="a",le="+Inf"} 3',
    'b_seconds_sum{x="a"} 4.5',
    'b_seconds_count{x="a"} 3',
  ]);
});
