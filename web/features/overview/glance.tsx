import Link from 'next/link';

import { Stat } from '@/components/ui/section';
import { StateIcon } from '@/components/ui/state-badge';
import type { Overview } from '@/gen/openseer/v1/dashboard_service_pb';
import { MonitorState } from '@/gen/openseer/v1/monitor_service_pb';
import { formatCompact, formatCount, formatRatio } from '@/shared/format/number';
import { stateWords } from '@/shared/format/words';
import { t } from '@/strings';

// Monitors by state, each a way to the list of them, and the figures of a day.
export function Glance({ overview }: { overview: Overview }) {
  const s = t().overview;
  const counters: { state: MonitorState; count: number }[] = [
    { state: MonitorState.UP, count: overview.up },
    { state: MonitorState.DOWN, count: overview.down },
    { state: MonitorState.DEGRADED, count: overview.degraded },
    { state: MonitorState.NO_DATA, count: overview.noData },
    { state: MonitorState.PENDING, count: overview.pending },
    { state: MonitorState.PAUSED, count: overview.paused },
  ];
  return (
    <section aria-label={s.glance} className="grid gap-4 2xl:grid-cols-[3fr_2fr]">
      <ul className="grid grid-cols-3 overflow-hidden card sm:grid-cols-6" aria-label={s.byState}>
        {counters.map(({ state, count }) => (
          <li key={state} className="-mb-px -ml-px border-b border-l border-line">
            <Link
              href={`/monitors?state=${MonitorState[state].toLowerCase()}`}
              className="flex h-full flex-col justify-center px-4 py-3 -outline-offset-2 hover:bg-hover"
            >
              <span className={`text-xl font-semibold tracking-tight tabular-nums ${count === 0 ? 'text-muted' : ''}`}>{formatCount(count)}</span>
              <span className="flex items-center gap-1.5 text-sm whitespace-nowrap text-muted">
                <StateIcon state={state} className="size-3.5" />
                {stateWords(state)}
              </span>
            </Link>
          </li>
        ))}
      </ul>
      <dl className="grid grid-cols-2 items-center gap-x-6 gap-y-3 px-5 py-3 card sm:grid-cols-4">
        <Stat label={s.checks} value={<span title={formatCount(overview.checks24h)}>{formatCompact(overview.checks24h)}</span>} />
        <Stat label={s.success} value={formatRatio(overview.uptime24h)} />
        <Stat label={s.coverage} value={formatRatio(overview.coverage24h)} />
        <Stat label={s.workersOnline} value={formatCount(overview.workersOnline)} />
      </dl>
    </section>
  );
}
