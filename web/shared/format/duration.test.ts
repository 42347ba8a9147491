import { describe, expect, test } from 'vitest';

import { formatAge, formatLatency, formatSetting, parseSetting } from './duration';

describe('a measured time', () => {
  test.each([
    [0, '0 µs'],
    [812, '812 µs'],
    [999.4, '999 µs'],
    [999.6, '1.00 ms'],
    [4512, '4.51 ms'],
    [9996, '10.0 ms'],
    [34_120, '34.1 ms'],
    [99_960, '100 ms'],
    [999_600, '1.00 s'],
    [1_234_000, '1.23 s'],
    [60_000_000, '60.0 s'],
  ])('of %d µs shows three digits', (us, text) => {
    expect(formatLatency(us)).toBe(text);
  });
});

describe('a chosen time', () => {
  test.each([
    ['60', '1 min'],
    ['30 s', '30 s'],
    ['1.5s', '1 s 500 ms'],
    ['500ms', '500 ms'],
    ['5 min', '5 min'],
    ['1h 30m', '1 h 30 min'],
    ['24 Hours', '1 d'],
    ['0', '0 s'],
  ])('typed as "%s" is read and shown as "%s"', (typed, shown) => {
    const duration = parseSetting(typed);
    expect(duration && formatSetting(duration)).toBe(shown);
  });

  test.each(['', 'soon', '5 fortnights', '-1 s', '1 h 30', '1e3', '9'.repeat(30)])('typed as "%s" is not a time', (typed) => {
    expect(parseSetting(typed)).toBeUndefined();
  });

  test('survives being shown and typed again', () => {
    const duration = parseSetting('1 d 2 h 3 min 4 s 5 ms');
    expect(duration && parseSetting(formatSetting(duration))).toEqual(duration);
  });
});

test.each([
  [-5000, '0 s'],
  [8999, '8 s'],
  [60_000, '1 min'],
  [3 * 3_600_000 + 12 * 60_000, '3 h 12 min'],
  [2 * 86_400_000, '2 d'],
])('an age of %d ms shows its two largest units', (ms, text) => {
  expect(formatAge(ms)).toBe(text);
});
