import { type Timestamp, timestampMs } from '@bufbuild/protobuf/wkt';

import { t } from '@/strings';

import { byLocale } from './by-locale';
import { formatAge } from './duration';

const moment = byLocale((tag) => new Intl.DateTimeFormat(tag, { dateStyle: 'medium', timeStyle: 'medium' }));
const day = byLocale((tag) => new Intl.DateTimeFormat(tag, { dateStyle: 'medium' }));
const clock = byLocale((tag) => new Intl.DateTimeFormat(tag, { timeStyle: 'medium' }));
const shortClock = byLocale((tag) => new Intl.DateTimeFormat(tag, { hour: 'numeric', minute: '2-digit' }));
const shortDay = byLocale((tag) => new Intl.DateTimeFormat(tag, { day: 'numeric', month: 'short' }));
const utc = byLocale((tag) => new Intl.DateTimeFormat(tag, { dateStyle: 'medium', timeStyle: 'medium', timeZone: 'UTC' }));

// In the viewer's zone, as everything that is shown; `formatUtc` is for titles.
export function formatMoment(time: Timestamp | undefined): string {
  return time === undefined ? '–' : moment().format(timestampMs(time));
}

export function formatDay(time: Timestamp | undefined): string {
  return time === undefined ? '–' : day().format(timestampMs(time));
}

export function formatClock(time: Timestamp | undefined): string {
  return time === undefined ? '–' : clock().format(timestampMs(time));
}

// "Nov 24, 2026, 10:31:00 AM UTC"
export function formatUtc(time: Timestamp | undefined): string {
  return time === undefined ? '–' : `${utc().format(timestampMs(time))} UTC`;
}

// For axes, which know milliseconds.
export function formatClockMs(ms: number): string {
  return shortClock().format(ms);
}

export function formatDayMs(ms: number): string {
  return shortDay().format(ms);
}

export function formatMomentMs(ms: number): string {
  return moment().format(ms);
}

export function isToday(time: Timestamp | undefined, nowMs: number): boolean {
  return time !== undefined && new Date(timestampMs(time)).toDateString() === new Date(nowMs).toDateString();
}

export function formatAgo(time: Timestamp | undefined, nowMs: number): string {
  if (time === undefined) return t().time.never;
  const age = nowMs - timestampMs(time);
  return age < 1000 ? t().time.justNow : t().time.ago(formatAge(age));
}

export function formatUntil(time: Timestamp, nowMs: number): string {
  const left = timestampMs(time) - nowMs;
  return left <= 0 ? t().time.past : t().time.in(formatAge(left));
}

export function ageOf(time: Timestamp, nowMs: number): string {
  return formatAge(nowMs - timestampMs(time));
}
