import Link from 'next/link';

import { MonitorState, type MonitorSummary } from '@/gen/openseer/v1/monitor_service_pb';
import { Outcome } from '@/gen/openseer/v1/result_pb';
import { formatMeasured } from '@/shared/format/duration';
import { formatRatio } from '@/shared/format/number';
import { ageOf, formatAgo } from '@/shared/format/time';
import { resultWords } from '@/shared/format/words';
import { StateBadge } from '@/shared/ui/state-badge';
import { cell, headCell, Table } from '@/shared/ui/table';
import { useNow } from '@/shared/ui/use-now';

import { Sparkline } from './sparkline';

export function MonitorTable({ monitors }: { monitors: MonitorSummary[] }) {
  const now = useNow();
  return (
    <div className="card px-4 pt-3 sm:px-5">
      <Table label="Monitors, those in trouble first">
        <thead>
          <tr>
            <th className={headCell}>Monitor</th>
            <th className={`${headCell} hidden sm:table-cell`}>State</th>
            <th className={`${headCell} hidden lg:table-cell`}>Last result</th>
            <th className={`${headCell} hidden text-right whitespace-nowrap sm:table-cell`}>Uptime 24 h</th>
            <th className={`${headCell} hidden text-right whitespace-nowrap sm:table-cell`}>P95 24 h</th>
            <th className={`${headCell} hidden md:table-cell`}>Latest</th>
          </tr>
        </thead>
        <tbody>
          {monitors.map((monitor) => (
            <Row key={monitor.id} monitor={monitor} now={now} />
          ))}
        </tbody>
      </Table>
    </div>
  );
}

// On a phone the figures stand below the name; wider screens have columns for them.
function Row({ monitor, now }: { monitor: MonitorSummary; now: number }) {
  const uptime = formatRatio(monitor.uptime24h);
  const p95 = formatMeasured(monitor.p9524h);
  return (
    <tr className="relative border-t border-line hover:bg-sunken/60" data-monitor={monitor.id}>
      <th scope="row" className={`${cell} w-full max-w-0 text-left font-normal max-sm:pr-0`}>
        <div className="flex items-center justify-between gap-3">
          <Link
            href={`/monitors/${monitor.id}`}
            className="block min-w-0 truncate rounded-sm font-medium after:absolute after:inset-0"
          >
            {monitor.name}
          </Link>
          <span className="sm:hidden">
            <StateBadge state={monitor.state} />
          </span>
        </div>
        <div className="truncate text-sm text-muted">{monitor.url}</div>
        <div className="mt-1 flex items-end justify-between gap-3 text-sm text-muted sm:hidden">
          <div className="min-w-0">
            <LastResult monitor={monitor} now={now} />
            <div>
              Uptime {uptime} · P95 {p95}
            </div>
          </div>
          <Sparkline latencies={monitor.sparklineUs} className="w-20 shrink-0" />
        </div>
      </th>
      <td className={`${cell} hidden sm:table-cell`}>
        <StateBadge state={monitor.state} />
        <div className="mt-0.5 pl-1 text-xs text-muted">{since(monitor, now)}</div>
      </td>
      <td className={`${cell} hidden min-w-56 text-sm lg:table-cell`}>
        <LastResult monitor={monitor} now={now} />
      </td>
      <td className={`${cell} hidden text-right whitespace-nowrap sm:table-cell`}>{uptime}</td>
      <td className={`${cell} hidden text-right whitespace-nowrap sm:table-cell`}>{p95}</td>
      <td className={`${cell} hidden md:table-cell`}>
        <Sparkline latencies={monitor.sparklineUs} className="w-[7.5rem]" />
      </td>
    </tr>
  );
}

function since(monitor: MonitorSummary, now: number): string {
  return monitor.stateSince === undefined ? '' : `for ${ageOf(monitor.stateSince, now)}`;
}

function LastResult({ monitor, now }: { monitor: MonitorSummary; now: number }) {
  const result = monitor.lastResult;
  if (result === undefined) {
    return <span className="text-muted">{monitor.state === MonitorState.PAUSED ? 'No result' : 'Waiting for the first result'}</span>;
  }
  const ok = result.outcome === Outcome.OK;
  return (
    <>
      <div className={ok ? '' : 'text-down'}>
        {resultWords(result)}
        {result.httpStatus > 0 && ` · ${result.httpStatus}`}
        {ok && ` · ${formatMeasured(result.phases?.total)}`}
      </div>
      <div className="text-muted">{formatAgo(result.startedAt, now)}</div>
    </>
  );
}
