import type { Overview } from '@/gen/openseer/v1/dashboard_service_pb';
import { MonitorState } from '@/gen/openseer/v1/monitor_service_pb';
import { formatCount, formatRatio, plural } from '@/shared/format/number';
import { stateWords } from '@/shared/format/words';
import { StateIcon } from '@/shared/ui/state-badge';

import { NoWorkers } from './no-workers';

interface OverviewCountersProps {
  overview: Overview;
  // The state that the list is narrowed to.
  only: MonitorState | undefined;
  onOnly: (state: MonitorState | undefined) => void;
}

export function OverviewCounters({ overview, only, onOnly }: OverviewCountersProps) {
  const counters: { state: MonitorState; count: number }[] = [
    { state: MonitorState.UP, count: overview.up },
    { state: MonitorState.DOWN, count: overview.down },
    { state: MonitorState.DEGRADED, count: overview.degraded },
    { state: MonitorState.NO_DATA, count: overview.noData },
    { state: MonitorState.PENDING, count: overview.pending },
    { state: MonitorState.PAUSED, count: overview.paused },
  ];
  return (
    <section aria-label="Overview" className="flex flex-col gap-3">
      {overview.workersOnline === 0 && <NoWorkers />}
      <div className="grid grid-cols-3 gap-2 sm:grid-cols-6 sm:gap-3" role="group" aria-label="Show only monitors that are">
        {counters.map(({ state, count }) => (
          <button
            key={state}
            type="button"
            aria-pressed={only === state}
            onClick={() => onOnly(only === state ? undefined : state)}
            className="card flex flex-col px-2.5 py-2 sm:px-3 sm:py-2.5 text-left hover:border-line-strong aria-pressed:border-accent aria-pressed:ring-1 aria-pressed:ring-accent"
          >
            <span className={`text-2xl font-semibold tabular-nums ${count === 0 ? 'text-muted' : ''}`}>{formatCount(count)}</span>
            <span className="flex items-center gap-1 text-sm text-muted sm:gap-1.5">
              <StateIcon state={state} />
              {stateWords[state]}
            </span>
          </button>
        ))}
      </div>
      <p className="text-sm text-muted">
        {plural(overview.total, 'monitor')} · uptime {formatRatio(overview.uptime24h)} over {plural(overview.checks24h, 'check')} in 24 h ·{' '}
        {plural(overview.workersOnline, 'worker')} online
      </p>
    </section>
  );
}
