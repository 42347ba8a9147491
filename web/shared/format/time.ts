import { type Timestamp, timestampMs } from '@bufbuild/protobuf/wkt';

import { formatAge } from './duration';

const moment = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });
const day = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' });
const clock = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' });

export function formatMoment(time: Timestamp | undefined): string {
  return time === undefined ? '–' : moment.format(timestampMs(time));
}

export function formatDay(time: Timestamp | undefined): string {
  return time === undefined ? '–' : day.format(timestampMs(time));
}

export function formatClock(time: Timestamp | undefined): string {
  return time === undefined ? '–' : clock.format(timestampMs(time));
}

export function isToday(time: Timestamp | undefined, nowMs: number): boolean {
  return time !== undefined && new Date(timestampMs(time)).toDateString() === new Date(nowMs).toDateString();
}

export function formatAgo(time: Timestamp | undefined, nowMs: number): string {
  if (time === undefined) return 'never';
  const age = nowMs - timestampMs(time);
  return age < 1000 ? 'just now' : `${formatAge(age)} ago`;
}

export function ageOf(time: Timestamp, nowMs: number): string {
  return formatAge(nowMs - timestampMs(time));
}
