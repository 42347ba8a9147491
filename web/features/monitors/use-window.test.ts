import { expect, test } from 'vitest';

import { firstBelow } from './use-window';

const offsets = Float64Array.from([0, 40, 80, 180]);

test.each([
  [-500, 0],
  [0, 0],
  [39, 0],
  [40, 1],
  [100, 2],
  [10_000, 2],
])('offset %d lies in item %d', (offset, item) => {
  expect(firstBelow(offsets, offset)).toBe(item);
});

test('an empty list has no item to miss', () => {
  expect(firstBelow(Float64Array.from([0]), 100)).toBe(0);
});
