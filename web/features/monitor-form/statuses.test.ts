import { expect, test } from 'vitest';

import { formatStatuses, parseStatuses } from './statuses';

test.each([
  ['200-299, 404', '200-299, 404'],
  [' 200 – 204 ,301 ', '200-204, 301'],
  ['200 404', '200, 404'],
  ['', ''],
])('"%s" reads as "%s"', (typed, shown) => {
  const ranges = parseStatuses(typed);
  expect(ranges && formatStatuses(ranges)).toBe(shown);
});

test.each(['ok', '2xx', '200-', '-200', '200-300-400', '200;404', '1.5'])('"%s" is not a list of codes', (typed) => {
  expect(parseStatuses(typed)).toBeUndefined();
});
