import { expect, test } from 'vitest';

import { safeNextPath } from './next-path';

test.each([
  ['/monitors/42/edit', '/monitors/42/edit'],
  ['//evil.example', '/'],
  ['/\\evil.example', '/'],
  ['/\t/evil.example', '/'],
  ['https://evil.example', '/'],
  ['javascript:alert(1)', '/'],
  [['/a', '/b'], '/'],
  [undefined, '/'],
])('after signing in, next=%s leads to %s', (next, path) => {
  expect(safeNextPath(next)).toBe(path);
});
