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

// The time alone when it is of today, else with the date.
export function formatRecent(time: Timestamp | undefined, nowMs: number): string {
  if (time === undefined) return '–';
  const ms = timestampMs(time);
  return new Date(ms).toDateString() === new Date(nowMs).toDateString() ? clock.format(ms) : moment.format(ms);
}

export function formatAgo(time: Timestamp | undefined, nowMs: number): string {
  if (time === undefined) return 'never';
  const age = nowMs - timestampMs(time);
  return age < 1000 ? 'just now' : `${formatAge(age)} ago`;
}

export function ageOf(time: Timestamp, nowMs: number): string {
  return formatAge(nowMs - timestampMs(time));
}
