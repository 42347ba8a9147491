import { expect, test } from 'vitest';

import { formatRatio } from './number';

test.each([
  [undefined, '–'],
  [1, '100 %'],
  [0.99999, '99.99 %'],
  [0.57, '57.00 %'],
  [0.001, '0.10 %'],
  [0, '0.00 %'],
])('a ratio of %s is cut, never rounded up', (ratio, text) => {
  expect(formatRatio(ratio)).toBe(text);
});
