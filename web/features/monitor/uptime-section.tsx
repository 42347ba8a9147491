import { timestampMs } from '@bufbuild/protobuf/wkt';
import { useCallback, useEffect } from 'react';

import { BarsLegend, UptimeBars } from '@/components/charts/uptime-bars';
import { LoadFailed } from '@/components/ui/notice';
import { Skeleton } from '@/components/ui/section';
import { BarWidth, type UptimeWindow } from '@/gen/openseer/v1/metrics_service_pb';
import { metricsClient } from '@/shared/api/client';
import { useLoaded } from '@/shared/api/use-loaded';
import { microseconds } from '@/shared/format/duration';
import { formatCount, formatRatio } from '@/shared/format/number';
import { formatDayMs } from '@/shared/format/time';
import { rangeWords } from '@/shared/format/words';
import { useSignedIn } from '@/shared/session/session';
import { t } from '@/strings';

const days = 90;
const refreshMs = 60_000;

// Uptime of the standard windows, and every day of the last 90.
export function UptimeSection({ monitorId, windows }: { monitorId: string; windows: readonly UptimeWindow[] }) {
  return (
    <section aria-label={t().uptime.title} className="card">
      <div className="grid grid-cols-2 divide-line lg:grid-cols-4 lg:divide-x">
        {windows.map((window) => (
          <Window key={window.range} window={window} />
        ))}
        {windows.length === 0 && <Skeleton className="col-span-full m-4 h-20" />}
      </div>
      <Days monitorId={monitorId} />
    </section>
  );
}

function Window({ window }: { window: UptimeWindow }) {
  const s = t().uptime;
  return (
    <div className="px-4 py-3 sm:px-5">
      <h2 className="text-sm text-muted">{s.window(rangeWords[window.range])}</h2>
      <p className="text-2xl font-semibold tracking-tight tabular-nums">{window.uptime === undefined ? t().states.NO_DATA : formatRatio(window.uptime)}</p>
      <p className="mt-0.5 text-sm text-muted tabular-nums" title={s.coverageHint}>
        {window.coverage === undefined ? s.nothingExpected : s.covered(formatRatio(window.coverage))}
      </p>
      <p className="text-sm text-muted tabular-nums">{s.counts(formatCount(window.failed), formatCount(window.missed))}</p>
    </div>
  );
}

function Days({ monitorId }: { monitorId: string }) {
  const { workspaceId } = useSignedIn();
  const load = useCallback(
    (signal: AbortSignal) => metricsClient.getUptimeBars({ workspaceId, monitorIds: [monitorId], width: BarWidth.DAY, count: days }, { signal }),
    [workspaceId, monitorId],
  );
  const { value, error, reload } = useLoaded(load);
  useEffect(() => {
    const timer = setInterval(() => document.hidden || reload(), refreshMs);
    return () => clearInterval(timer);
  }, [reload]);

  const s = t().uptime;
  const bars = value?.bars[0]?.bars ?? [];
  const titleOf = (index: number) => {
    const bar = bars[index];
    const day = (value?.start === undefined ? 0 : timestampMs(value.start)) + (index * (value?.bucket === undefined ? 0 : microseconds(value.bucket))) / 1e3;
    if (bar === undefined) return '';
    const results = bar.ok + bar.failed;
    return `${formatDayMs(day)} (UTC): ${results === 0 ? t().states.NO_DATA : formatRatio(bar.ok / results)} · ${s.counts(formatCount(bar.failed), formatCount(bar.missed))}`;
  };
  return (
    <div className="border-t border-line px-4 pt-3 pb-3.5 sm:px-5">
      {error !== '' && <LoadFailed error={error} onRetry={reload} />}
      {value === undefined && error === '' && <Skeleton className="h-8" />}
      {value !== undefined && <UptimeBars bars={bars} height={32} className="w-full" label={s.daysLabel(days)} titleOf={titleOf} />}
      <div className="mt-2 flex flex-wrap items-center justify-between gap-x-4 gap-y-1 text-xs text-muted">
        <span>{s.daysAgo(days)}</span>
        <span className="sm:order-last">{s.today}</span>
        <BarsLegend />
      </div>
    </div>
  );
}
