import type { Duration } from '@bufbuild/protobuf/wkt';
import { useMemo, useState } from 'react';

import { type Latency, Range } from '@/gen/openseer/v1/metrics_service_pb';
import { formatMeasured, microseconds } from '@/shared/format/duration';
import { rangeWords } from '@/shared/format/words';
import { Checkbox } from '@/shared/ui/field';
import { Section } from '@/shared/ui/section';
import { Segmented } from '@/shared/ui/segmented';

import { type Line, linesOf, type Percentile, percentiles } from './chart-lines';
import { LatencyChart } from './latency-chart';

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
}

export function LatencySection({ latency, interval, stale, range, onRange, byRegion, onByRegion }: LatencySectionProps) {
  const [percentile, setPercentile] = useState<Percentile>('p95');
  const perRegion = byRegion && latency !== undefined && latency.series.length > 1;
  const lines = useMemo(
    () => (latency === undefined ? [] : linesOf(latency, perRegion ? percentile : undefined)),
    [latency, perRegion, percentile],
  );

  return (
    <Section title="Latency" aside={<Segmented label="Range" options={ranges} value={range} onValue={onRange} />}>
      <div className={`transition-opacity ${stale ? 'opacity-50' : ''}`} aria-busy={stale} data-testid="latency-figures">
        <Legend lines={lines} />
        {latency !== undefined && (
          <LatencyChart latency={latency} lines={lines} intervalMs={interval === undefined ? 0 : microseconds(interval) / 1e3} />
        )}
      </div>
      <div className="mt-2 flex min-h-10 flex-wrap items-center justify-between gap-x-4 gap-y-1">
        <Checkbox label="By region" checked={byRegion} onChecked={onByRegion} />
        {perRegion && <Segmented label="Percentile" options={percentiles} value={percentile} onValue={setPercentile} />}
      </div>
    </Section>
  );
}

// The lines' names and their figures over the whole range.
function Legend({ lines }: { lines: Line[] }) {
  return (
    <ul className="mb-2 flex flex-wrap gap-x-5 gap-y-1 text-sm">
      {lines.map(({ name, color, dash, whole }) => (
        <li key={name} className="flex items-center gap-2">
          <svg width="22" height="8" aria-hidden="true">
            <line x1="0" x2="22" y1="4" y2="4" style={{ stroke: color }} strokeWidth="2" strokeDasharray={dash} />
          </svg>
          <span className="text-muted">{name}</span>
          <span className="font-medium tabular-nums">{formatMeasured(whole)}</span>
        </li>
      ))}
    </ul>
  );
}
