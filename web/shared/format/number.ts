import { byLocale } from './by-locale';

const grouped = byLocale((tag) => new Intl.NumberFormat(tag));
const compact = byLocale((tag) => new Intl.NumberFormat(tag, { notation: 'compact', maximumFractionDigits: 1 }));
const fixed = [0, 1, 2].map((digits) =>
  byLocale((tag) => new Intl.NumberFormat(tag, { minimumFractionDigits: digits, maximumFractionDigits: digits, useGrouping: false })),
);

export function formatCount(count: number | bigint): string {
  return grouped().format(count);
}

// "1.4M" where an exact count would not fit.
export function formatCompact(count: number | bigint): string {
  return compact().format(count);
}

export function formatFixed(value: number, digits: 0 | 1 | 2): string {
  return fixed[digits]?.().format(value) ?? String(value);
}

// A ratio in per cent, cut rather than rounded: 99.999 % is not shown as 100 %.
export function formatRatio(ratio: number | undefined): string {
  if (ratio === undefined) return '–';
  if (ratio >= 1) return '100 %';
  // The small push undoes what binary fractions lose: 0.57 * 1e4 is 5699.99…
  return `${formatFixed(Math.floor(ratio * 1e4 + 1e-6) / 100, 2)} %`;
}

export function formatBytes(bytes: bigint | number): string {
  const count = Number(bytes);
  if (count < 1024) return `${count} B`;
  if (count < 1024 ** 2) return `${formatFixed(count / 1024, 1)} KiB`;
  return `${formatFixed(count / 1024 ** 2, 1)} MiB`;
}
