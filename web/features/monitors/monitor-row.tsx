import Link from 'next/link';
import { memo } from 'react';

import { Sparkline } from '@/components/charts/sparkline';
import { UptimeBars } from '@/components/charts/uptime-bars';
import { StateText } from '@/components/ui/state-badge';
import { Tag } from '@/components/ui/tag';
import { Age, Ago } from '@/components/ui/time';
import { MonitorState, type MonitorSummary } from '@/gen/openseer/v1/monitor_service_pb';
import { Outcome } from '@/gen/openseer/v1/result_pb';
import { formatMeasured } from '@/shared/format/duration';
import { formatRatio } from '@/shared/format/number';
import { resultWords } from '@/shared/format/words';
import { t } from '@/strings';

// The columns of the head and of every row, by width of the screen.
export const rowColumns =
  'grid-cols-[2.5rem_minmax(0,1fr)_6.5rem_4.5rem_4.5rem] md:grid-cols-[2.5rem_minmax(0,1fr)_7rem_8rem_4.5rem_4.5rem] xl:grid-cols-[2.5rem_minmax(0,2fr)_7rem_minmax(0,1.3fr)_7.5rem_4.75rem_4.5rem_6rem] 2xl:grid-cols-[2.5rem_minmax(0,2fr)_7.5rem_minmax(0,1.3fr)_14rem_4.75rem_4.75rem_10rem] items-center gap-x-3 pr-4';

interface MonitorRowProps {
  monitor: MonitorSummary;
  index: number;
  selected: boolean | undefined;
  onSelect: (ids: readonly string[], on: boolean) => void;
}

// On a phone the figures stand below the name; wider screens have columns for them.
export const MonitorRow = memo(function MonitorRow({ monitor, index, selected, onSelect }: MonitorRowProps) {
  const uptime = formatRatio(monitor.uptime24h);
  const p95 = formatMeasured(monitor.p9524h);
  return (
    <div
      role="row"
      aria-rowindex={index}
      aria-selected={selected}
      data-monitor={monitor.id}
      className={`relative grid w-full grid-cols-[2.5rem_minmax(0,1fr)] border-t border-line hover:bg-hover aria-selected:bg-accent-soft max-sm:gap-x-1 max-sm:pr-3 sm:grid ${rowColumns} max-sm:grid-cols-[2.5rem_minmax(0,1fr)]`}
    >
      <span role="cell" className="z-1 flex justify-center">
        {selected !== undefined && (
          <input
            type="checkbox"
            className="size-4 accent-(--accent)"
            aria-label={t().monitors.select(monitor.name)}
            checked={selected}
            onChange={(event) => onSelect([monitor.id], event.target.checked)}
          />
        )}
      </span>
      <div role="rowheader" className="min-w-0 leading-5">
        <div className="flex items-center justify-between gap-3">
          <span className="flex min-w-0 items-center gap-2">
            <Link href={`/monitors/${monitor.id}`} className="truncate rounded-sm font-medium after:absolute after:inset-0">
              {monitor.name}
            </Link>
            <span className="hidden shrink-0 gap-1 2xl:flex">
              {monitor.tags.slice(0, 3).map((tag) => (
                <Tag key={tag}>{tag}</Tag>
              ))}
            </span>
          </span>
          <span className="sm:hidden">
            <StateText state={monitor.state} />
          </span>
        </div>
        <div className="truncate text-sm text-muted">{monitor.url}</div>
        <div className="mt-1 flex items-center justify-between gap-3 text-sm text-muted tabular-nums sm:hidden">
          <span>
            {uptime} · P95 {p95}
          </span>
          <UptimeBars bars={monitor.hours} height={18} className="w-28" label={barsLabel(monitor)} />
        </div>
      </div>
      <div role="cell" className="hidden leading-5 sm:block">
        <StateText state={monitor.state} />
        {monitor.stateSince !== undefined && (
          <div className="pl-5.5 text-xs text-muted tabular-nums">
            <Age time={monitor.stateSince} />
          </div>
        )}
      </div>
      <div role="cell" className="hidden min-w-0 text-sm leading-5 xl:block">
        <LastResult monitor={monitor} />
      </div>
      <div role="cell" className="hidden md:block">
        <UptimeBars bars={monitor.hours} height={22} className="w-full" label={barsLabel(monitor)} />
      </div>
      <div role="cell" className="hidden text-right tabular-nums sm:block">{uptime}</div>
      <div role="cell" className="hidden text-right tabular-nums sm:block">{p95}</div>
      <div role="cell" className="hidden xl:block">
        <Sparkline latencies={monitor.sparklineUs} className="w-full" />
      </div>
    </div>
  );
});

export function barsLabel(monitor: MonitorSummary): string {
  return t().bars.hours(formatRatio(monitor.uptime24h));
}

function LastResult({ monitor }: { monitor: MonitorSummary }) {
  const result = monitor.lastResult;
  if (result === undefined) {
    return <span className="text-muted">{monitor.state === MonitorState.PAUSED ? t().results.none : t().results.waiting}</span>;
  }
  const failed = result.outcome === Outcome.FAILED;
  return (
    <>
      <div className={`truncate ${failed ? 'text-down' : ''}`} title={result.message}>
        {failed && result.httpStatus > 0 && `${result.httpStatus} · `}
        {resultWords(result)}
        {!failed && ` · ${formatMeasured(result.phases?.total)}`}
      </div>
      <div className="text-xs text-muted tabular-nums">
        <Ago time={result.startedAt} />
      </div>
    </>
  );
}
