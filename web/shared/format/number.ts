const grouped = new Intl.NumberFormat('en');

export function formatCount(count: number | bigint): string {
  return grouped.format(count);
}

// A ratio in per cent, cut rather than rounded: 99.999 % is not shown as 100 %.
export function formatRatio(ratio: number | undefined): string {
  if (ratio === undefined) return '–';
  if (ratio >= 1) return '100 %';
  // The small push undoes what binary fractions lose: 0.57 * 1e4 is 5699.99…
  return `${(Math.floor(ratio * 1e4 + 1e-6) / 100).toFixed(2)} %`;
}

export function formatBytes(bytes: bigint): string {
  const count = Number(bytes);
  if (count < 1024) return `${count} B`;
  if (count < 1024 ** 2) return `${(count / 1024).toFixed(1)} KiB`;
  return `${(count / 1024 ** 2).toFixed(1)} MiB`;
}

export function plural(count: number | bigint, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${Number(count) === 1 ? one : many}`;
}
