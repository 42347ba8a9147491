import { create } from '@bufbuild/protobuf';
import { type Duration, DurationSchema } from '@bufbuild/protobuf/wkt';

import { formatFixed } from './number';

export function microseconds(duration: Duration): number {
  return Number(duration.seconds) * 1e6 + duration.nanos / 1e3;
}

// A measured time in three digits: "812 µs", "4.51 ms", "34.1 ms", "1.23 s".
export function formatLatency(us: number): string {
  if (us < 999.5) return `${Math.round(us)} µs`;
  if (us < 999_500) return `${threeDigits(us / 1e3)} ms`;
  return `${threeDigits(us / 1e6)} s`;
}

export function formatMeasured(duration: Duration | undefined): string {
  return duration === undefined ? '–' : formatLatency(microseconds(duration));
}

function threeDigits(value: number): string {
  return formatFixed(value, value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2);
}

const units = [
  { name: 'd', ms: 86_400_000 },
  { name: 'h', ms: 3_600_000 },
  { name: 'min', ms: 60_000 },
  { name: 's', ms: 1000 },
  { name: 'ms', ms: 1 },
] as const;

// A chosen time exactly, in the largest units: "1 min", "1 h 30 min", "500 ms".
export function formatSetting(duration: Duration): string {
  let rest = Math.round(microseconds(duration) / 1e3);
  const parts: string[] = [];
  for (const { name, ms } of units) {
    const count = Math.floor(rest / ms);
    rest -= count * ms;
    if (count > 0) parts.push(`${count} ${name}`);
  }
  return parts.length === 0 ? '0 s' : parts.join(' ');
}

// An age in its two largest units: "8 s", "4 min", "3 h 12 min", "5 d 2 h".
export function formatAge(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  const days = Math.floor(hours / 24);
  if (days > 0) return join(`${days} d`, hours % 24, 'h');
  if (hours > 0) return join(`${hours} h`, minutes % 60, 'min');
  return minutes > 0 ? `${minutes} min` : `${seconds} s`;
}

function join(first: string, count: number, unit: string): string {
  return count === 0 ? first : `${first} ${count} ${unit}`;
}

const unitMs: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  sec: 1000,
  second: 1000,
  seconds: 1000,
  m: 60_000,
  min: 60_000,
  minute: 60_000,
  minutes: 60_000,
  h: 3_600_000,
  hour: 3_600_000,
  hours: 3_600_000,
  d: 86_400_000,
  day: 86_400_000,
  days: 86_400_000,
};

// Reads what a person types: "60" (seconds), "1.5 s", "500ms", "1 h 30 min".
// Undefined when it is not a time.
export function parseSetting(text: string): Duration | undefined {
  const plain = text.trim().toLowerCase().replaceAll(',', '.');
  if (!/^(\d+(\.\d+)?\s*[a-z]*\s*)+$/.test(plain)) return undefined;
  const parts = [...plain.matchAll(/(\d+(?:\.\d+)?)\s*([a-z]*)/g)];
  let ms = 0;
  for (const [, count, unit] of parts) {
    // A bare number means seconds, but only when it stands alone.
    const size = unit === '' && parts.length === 1 ? 1000 : unitMs[unit ?? ''];
    if (size === undefined) return undefined;
    ms += Number(count) * size;
  }
  const whole = Math.round(ms);
  // The longest that a Duration may carry; the server has narrower limits.
  if (whole > 315_576_000_000_000) return undefined;
  return create(DurationSchema, { seconds: BigInt(Math.floor(whole / 1000)), nanos: (whole % 1000) * 1_000_000 });
}
