import Link from 'next/link';

import { Empty, Section } from '@/components/ui/section';
import { StateIcon } from '@/components/ui/state-badge';
import type { SlowMonitor } from '@/gen/openseer/v1/dashboard_service_pb';
import { formatMeasured, microseconds } from '@/shared/format/duration';
import { t } from '@/strings';

// By P95, with a bar that compares them.
export function Slowest({ monitors }: { monitors: SlowMonitor[] }) {
  const s = t().overview;
  const longest = Math.max(1, ...monitors.map(({ p9524h }) => (p9524h === undefined ? 0 : microseconds(p9524h))));
  return (
    <Section title={s.slowest} hint={s.slowestHint}>
      {monitors.length === 0 ? (
        <Empty title={t().results.none} />
      ) : (
        <ul className="-mx-2">
          {monitors.map((monitor) => (
            <li key={monitor.monitorId} className="relative flex items-center gap-3 rounded-md px-2 py-1.5 hover:bg-hover">
              <StateIcon state={monitor.state} />
              <div className="min-w-0 flex-1">
                <Link href={`/monitors/${monitor.monitorId}`} className="block truncate rounded-sm font-medium after:absolute after:inset-0">
                  {monitor.name}
                </Link>
                <div className="mt-1 h-1.5 rounded-full bg-sunken" aria-hidden="true">
                  <div
                    className="h-full rounded-full bg-accent/70"
                    style={{ width: `${((monitor.p9524h === undefined ? 0 : microseconds(monitor.p9524h)) / longest) * 100}%` }}
                  />
                </div>
              </div>
              <span className="shrink-0 text-right tabular-nums">
                <span className="block font-medium">{formatMeasured(monitor.p9524h)}</span>
                <span className="block text-sm text-muted">P50 {formatMeasured(monitor.p5024h)}</span>
              </span>
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}
