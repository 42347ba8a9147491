import { expect, test } from 'vitest';

import { latencyTicks, nearest, segments } from './chart-geometry';

test('the scale is round and reaches above the longest latency', () => {
  expect(latencyTicks(1400)).toEqual([0, 500, 1000, 1500]);
  expect(latencyTicks(0).at(-1)).toBeGreaterThan(0);
});

test('a line breaks at a bucket without ok results and at a gap', () => {
  const runs = segments(
    [
      { at: 0, us: 1 },
      { at: 10, us: 2 },
      { at: 20, us: undefined },
      { at: 30, us: 3 },
      { at: 90, us: 4 },
    ],
    25,
  );
  expect(runs.map((run) => run.map(({ us }) => us))).toEqual([[1, 2], [3], [4]]);
});

test('the cursor finds the nearest bucket', () => {
  expect(nearest([0, 10, 20], 13)).toBe(1);
  expect(nearest([], 13)).toBe(-1);
});
