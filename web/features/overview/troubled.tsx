import Link from 'next/link';

import { DownIcon, UpIcon } from '@/components/ui/icons';
import { StateIcon, StateText } from '@/components/ui/state-badge';
import { Age } from '@/components/ui/time';
import type { Overview } from '@/gen/openseer/v1/dashboard_service_pb';
import { MonitorState, type MonitorSummary } from '@/gen/openseer/v1/monitor_service_pb';
import { Outcome } from '@/gen/openseer/v1/result_pb';
import { formatRatio } from '@/shared/format/number';
import { resultWords } from '@/shared/format/words';
import { t } from '@/strings';

// So many are named; the rest are a list of their own.
const mostShown = 8;

// The first thing on the page: is anything wrong, and what.
export function Troubled({ monitors, total, overview }: { monitors: MonitorSummary[]; total: number; overview: Overview }) {
  const s = t().overview;
  if (total === 0) {
    const checked = overview.up + overview.degraded;
    return (
      <section aria-label={s.wrongNow} className="flex items-center gap-3 px-4 py-3.5 card sm:px-5">
        <UpIcon className="size-6 text-up" />
        <div>
          <h2 className="text-base font-semibold">{checked > 0 ? s.allWell : s.nothingYet}</h2>
          <p className="text-sm text-muted">{checked > 0 ? s.allWellNote(checked) : s.nothingYetNote}</p>
        </div>
      </section>
    );
  }
  const shown = monitors.slice(0, mostShown);
  return (
    <section aria-label={s.wrongNow} className="overflow-hidden border-down/40 card">
      <div className="flex items-center gap-3 border-b border-line px-4 py-3 sm:px-5">
        {overview.down > 0 ? <DownIcon className="size-5 text-down" /> : <StateIcon state={monitors[0]?.state ?? MonitorState.UNSPECIFIED} className="size-5" />}
        <h2 className="text-base font-semibold">{s.wrong(overview.down, overview.degraded, overview.noData)}</h2>
      </div>
      <ul className="divide-y divide-line" data-testid="troubled">
        {shown.map((monitor) => (
          <Row key={monitor.id} monitor={monitor} />
        ))}
      </ul>
      {total > shown.length && (
        <Link href="/monitors?sort=state" className="block border-t border-line px-5 py-2 text-sm text-accent hover:underline">
          {s.more(total - shown.length)}
        </Link>
      )}
    </section>
  );
}

function Row({ monitor }: { monitor: MonitorSummary }) {
  const result = monitor.lastResult;
  return (
    <li className="relative grid grid-cols-[auto_1fr] items-center gap-x-4 gap-y-0.5 px-4 py-2 hover:bg-hover sm:grid-cols-[7.5rem_minmax(0,1.1fr)_minmax(0,2fr)_10.5rem] sm:px-5">
      <StateText state={monitor.state} />
      <Link href={`/monitors/${monitor.id}`} className="truncate rounded-sm font-medium after:absolute after:inset-0">
        {monitor.name}
      </Link>
      <span className="col-span-2 truncate text-muted sm:col-span-1" title={result?.message}>
        {result === undefined || result.outcome === Outcome.OK ? monitor.url : `${resultWords(result)}${result.message === '' ? '' : ` · ${result.message}`}`}
      </span>
      <span className="col-span-2 text-sm text-muted tabular-nums sm:col-span-1 sm:text-right">
        {monitor.stateSince !== undefined && (
          <>
            {t().monitor.since} <Age time={monitor.stateSince} />
            {' · '}
          </>
        )}
        {formatRatio(monitor.uptime24h)}
      </span>
    </li>
  );
}
