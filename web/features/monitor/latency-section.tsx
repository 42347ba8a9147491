import type { Duration } from '@bufbuild/protobuf/wkt';
import dynamic from 'next/dynamic';
import { useMemo, useState } from 'react';

import { Checkbox } from '@/components/ui/field';
import { Section, Skeleton } from '@/components/ui/section';
import { Segmented } from '@/components/ui/segmented';
import { type Latency, Range } from '@/gen/openseer/v1/metrics_service_pb';
import { formatLatency, formatMeasured, microseconds } from '@/shared/format/duration';
import { formatCount } from '@/shared/format/number';
import { formatMomentMs } from '@/shared/format/time';
import { rangeWords } from '@/shared/format/words';
import { t } from '@/strings';

import { type LatencyData, latencyData, type Line, type Percentile, percentiles } from './chart-data';
import { ChartTable } from './chart-table';

const height = 280;

const TimeChart = dynamic(() => import('@/components/charts/time-chart').then((m) => m.TimeChart), {
  ssr: false,
  loading: () => <Skeleton className="h-[280px]" />,
});

const ranges = [Range.RANGE_1H, Range.RANGE_24H, Range.RANGE_7D, Range.RANGE_30D, Range.RANGE_90D].map((value) => ({
  value,
  text: rangeWords[value],
}));

interface LatencySectionProps {
  latency: Latency | undefined;
  interval: Duration | undefined;
  // The figures of the range asked for have not come yet.
  stale: boolean;
  range: Range;
  onRange: (range: Range) => void;
  byRegion: boolean;
  onByRegion: (byRegion: boolean) => void;
  // It is checked from more than one.
  severalRegions: boolean;
}

export function LatencySection({ latency, interval, stale, range, onRange, byRegion, onByRegion, severalRegions }: LatencySectionProps) {
  const [percentile, setPercentile] = useState<Percentile>('p95');
  const perRegion = byRegion && latency !== undefined && latency.series.length > 1;
  const intervalMs = interval === undefined ? 0 : microseconds(interval) / 1e3;
  const data = useMemo(
    () => (latency === undefined ? undefined : latencyData(latency, perRegion ? percentile : undefined, intervalMs)),
    [latency, perRegion, percentile, intervalMs],
  );
  const s = t().chart;

  return (
    <Section title={s.latency} aside={<Segmented label={s.range} options={ranges} value={range} onValue={onRange} />}>
      <div className={`transition-opacity ${stale ? 'opacity-50' : ''}`} aria-busy={stale} data-testid="latency-figures">
        {data !== undefined && <Legend lines={data.lines} />}
        {data === undefined ? <Skeleton className="h-[280px]" /> : <Chart data={data} bands={!perRegion} />}
      </div>
      <div className="mt-2 flex min-h-9 flex-wrap items-center justify-between gap-x-4 gap-y-1">
        {severalRegions && <Checkbox label={s.byRegion} checked={byRegion} onChecked={onByRegion} />}
        {perRegion ? (
          <Segmented label={s.percentile} options={percentiles} value={percentile} onValue={setPercentile} />
        ) : (
          <p className="hidden text-sm text-muted sm:block">{s.zoomHint}</p>
        )}
      </div>
      {data !== undefined && data.times.length > 0 && <LatencyTable data={data} />}
    </Section>
  );
}

function Chart({ data, bands }: { data: LatencyData; bands: boolean }) {
  const s = t().chart;
  if (data.times.length === 0) {
    return (
      <p className="flex items-center justify-center rounded-lg bg-sunken text-muted" style={{ height }}>
        {s.empty}
      </p>
    );
  }
  const textOf = (line: Line, index: number) => {
    const value = line.values[index];
    return value === null || value === undefined ? '–' : formatLatency(value);
  };
  return (
    <TimeChart
      label={s.latencyLabel}
      testId="latency-chart"
      height={height}
      start={data.start}
      end={data.end}
      times={data.times}
      series={data.lines}
      {...(bands ? { bands: [[0, 1], [1, 2]] as [number, number][] } : {})}
      failedAt={data.failedAt}
      formatValue={tickText}
      describe={(index) =>
        `${formatMomentMs(data.times[index] ?? 0)}: ${data.lines.map((line) => `${line.name} ${textOf(line, index)}`).join(', ')}, ${s.failed(data.points[index]?.failed ?? 0n)}`
      }
      tooltip={(index) => (
        <>
          <div className="mb-1 font-medium">{formatMomentMs(data.times[index] ?? 0)}</div>
          {data.lines.map((line) => (
            <div key={line.name} className="flex items-center gap-2">
              <span className="size-2 rounded-full" style={{ background: line.color }} />
              <span className="text-muted">{line.name}</span>
              <span className="ml-auto pl-4 tabular-nums">{textOf(line, index)}</span>
            </div>
          ))}
          <div className="mt-1 text-muted">
            {s.ok(data.points[index]?.ok ?? 0n)} · <span className={data.points[index]?.failed ? 'text-down' : ''}>{s.failed(data.points[index]?.failed ?? 0n)}</span>
          </div>
        </>
      )}
    />
  );
}

// The lines' names and their figures over the whole range.
function Legend({ lines }: { lines: Line[] }) {
  return (
    <ul className="mb-2 flex flex-wrap gap-x-5 gap-y-1 text-sm">
      {lines.map(({ name, color, dash, whole }) => (
        <li key={name} className="flex items-center gap-2">
          <svg width="20" height="8" aria-hidden="true">
            <line x1="0" x2="20" y1="4" y2="4" style={{ stroke: color }} strokeWidth="2" strokeDasharray={dash?.join(' ')} />
          </svg>
          <span className="text-muted">{name}</span>
          <span className="font-medium tabular-nums">{formatMeasured(whole)}</span>
        </li>
      ))}
    </ul>
  );
}

function LatencyTable({ data }: { data: LatencyData }) {
  const s = t().chart;
  return (
    <ChartTable
      label={s.latencyTable}
      columns={[s.time, ...data.lines.map(({ name }) => name), s.okColumn, s.failedColumn]}
      rows={data.times.flatMap((at, index) => {
        const point = data.points[index];
        if (point === undefined) return [];
        return [
          [
            formatMomentMs(at),
            ...data.lines.map(({ values }) => {
              const value = values[index];
              return value === null || value === undefined ? '–' : formatLatency(value);
            }),
            formatCount(point.ok),
            formatCount(point.failed),
          ],
        ];
      })}
    />
  );
}

// Ticks are round: "1.5 s" rather than "1.50 s".
export function tickText(us: number): string {
  return formatLatency(us).replace(/[.,]0+ /, ' ').replace(/([.,]\d+?)0+ /, '$1 ');
}
