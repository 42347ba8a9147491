import { timestampMs } from '@bufbuild/protobuf/wkt';
import dynamic from 'next/dynamic';
import { useMemo } from 'react';

import { phaseColors, phaseNames } from '@/components/charts/waterfall';
import { LoadFailed } from '@/components/ui/notice';
import { Section, Skeleton } from '@/components/ui/section';
import type { GetPhasesResponse } from '@/gen/openseer/v1/metrics_service_pb';
import type { Loaded } from '@/shared/api/use-loaded';
import { formatLatency } from '@/shared/format/duration';
import { formatMomentMs } from '@/shared/format/time';
import { t } from '@/strings';

import { bucketMs, middleOf, withGaps } from './chart-data';
import { ChartTable } from './chart-table';
import { tickText } from './latency-section';
import { type PhaseValues, phaseValues } from './use-phases';

const height = 240;

const TimeChart = dynamic(() => import('@/components/charts/time-chart').then((m) => m.TimeChart), {
  ssr: false,
  loading: () => <Skeleton className="h-[240px]" />,
});

// Where the time goes, over time: the phases on top of one another.
export function PhasesSection({ phases, intervalMs }: { phases: Loaded<GetPhasesResponse>; intervalMs: number }) {
  const s = t().chart;
  return (
    <Section title={s.phases} hint={s.phasesHint}>
      <ul className="mb-2 flex flex-wrap gap-x-4 gap-y-1 text-sm text-muted">
        {phaseNames.map((name) => (
          <li key={name} className="flex items-center gap-1.5">
            <span className="size-2.5 rounded-sm" style={{ background: phaseColors[name] }} aria-hidden="true" />
            {t().phases[name]}
          </li>
        ))}
      </ul>
      {phases.error !== '' && <LoadFailed error={phases.error} onRetry={phases.reload} />}
      {phases.value === undefined && phases.error === '' && <Skeleton className="h-[240px]" />}
      {phases.value !== undefined && <Stack phases={phases.value} intervalMs={intervalMs} />}
    </Section>
  );
}

function Stack({ phases, intervalMs }: { phases: GetPhasesResponse; intervalMs: number }) {
  const s = t().chart;
  const start = phases.start === undefined ? 0 : timestampMs(phases.start);
  const end = phases.end === undefined ? start + 1 : timestampMs(phases.end);
  const { times, values } = useMemo(() => {
    const bucket = bucketMs(phases.bucket);
    const known = new Map(phases.points.map((point) => [middleOf(point.start, bucket, start, end), phaseValues(point)]));
    const at = withGaps([...known.keys()], 2.5 * Math.max(bucket, intervalMs));
    return { times: at, values: at.map((time) => known.get(time)) };
  }, [phases, intervalMs, start, end]);

  if (times.length === 0) {
    return (
      <p className="flex items-center justify-center rounded-lg bg-sunken text-muted" style={{ height }}>
        {s.empty}
      </p>
    );
  }
  // The last phase's line is the sum of all, drawn first; the others cover it.
  const series = phaseNames.toReversed().map((name) => ({
    name,
    color: phaseColors[name],
    filled: true,
    values: values.map((value) => (value === undefined ? null : sumUpTo(value, name))),
  }));
  return (
    <>
      <TimeChart
        label={s.phasesLabel}
        testId="phases-chart"
        height={height}
        start={start}
        end={end}
        times={times}
        series={series}
        formatValue={tickText}
        describe={(index) => {
          const value = values[index];
          return `${formatMomentMs(times[index] ?? 0)}: ${value === undefined ? '–' : phaseNames.map((name) => `${t().phases[name]} ${formatLatency(value[name])}`).join(', ')}`;
        }}
        tooltip={(index) => {
          const value = values[index];
          return (
            <>
              <div className="mb-1 font-medium">{formatMomentMs(times[index] ?? 0)}</div>
              {value !== undefined &&
                phaseNames.map((name) => (
                  <div key={name} className="flex items-center gap-2">
                    <span className="size-2 rounded-sm" style={{ background: phaseColors[name] }} />
                    <span className="text-muted">{t().phases[name]}</span>
                    <span className="ml-auto pl-4 tabular-nums">{formatLatency(value[name])}</span>
                  </div>
                ))}
            </>
          );
        }}
      />
      <ChartTable
        label={s.phasesTable}
        columns={[s.time, ...phaseNames.map((name) => t().phases[name])]}
        rows={times.flatMap((at, index) => {
          const value = values[index];
          return value === undefined ? [] : [[formatMomentMs(at), ...phaseNames.map((name) => formatLatency(value[name]))]];
        })}
      />
    </>
  );
}

function sumUpTo(values: PhaseValues, last: (typeof phaseNames)[number]): number {
  return phaseNames.slice(0, phaseNames.indexOf(last) + 1).reduce((sum, name) => sum + values[name], 0);
}
