import { type Timestamp, timestampDate } from '@bufbuild/protobuf/wkt';

import { ageOf, formatAgo, formatClock, formatDay, formatMoment, formatUntil, formatUtc } from '@/shared/format/time';
import { useNow } from '@/shared/format/use-now';
import { t } from '@/strings';

type Form = 'moment' | 'day' | 'clock';

const forms: Readonly<Record<Form, (time: Timestamp) => string>> = { moment: formatMoment, day: formatDay, clock: formatClock };

interface TimeProps {
  time: Timestamp | undefined;
  className?: string;
}

// In the viewer's zone; UTC on hover.
export function Time({ time, form = 'moment', className }: TimeProps & { form?: Form }) {
  if (time === undefined) return <>–</>;
  return (
    <time dateTime={timestampDate(time).toISOString()} title={formatUtc(time)} className={className}>
      {forms[form](time)}
    </time>
  );
}

// "3 min ago", which grows by itself.
export function Ago({ time, className }: TimeProps) {
  const now = useNow();
  if (time === undefined) return <>{t().time.never}</>;
  return (
    <time dateTime={timestampDate(time).toISOString()} title={`${formatMoment(time)}\n${formatUtc(time)}`} className={className}>
      {formatAgo(time, now)}
    </time>
  );
}

// "3 min", since `time`.
export function Age({ time }: { time: Timestamp }) {
  const now = useNow();
  return (
    <time dateTime={timestampDate(time).toISOString()} title={`${formatMoment(time)}\n${formatUtc(time)}`}>
      {ageOf(time, now)}
    </time>
  );
}

// "in 3 d 2 h", or "past".
export function Until({ time }: { time: Timestamp }) {
  const now = useNow();
  return (
    <time dateTime={timestampDate(time).toISOString()} title={`${formatMoment(time)}\n${formatUtc(time)}`}>
      {formatUntil(time, now)}
    </time>
  );
}
