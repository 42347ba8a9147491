import { type Duration, timestampMs } from '@bufbuild/protobuf/wkt';

import type { Latency, LatencyPoint, LatencySeries, PhasePoint } from '@/gen/openseer/v1/metrics_service_pb';
import { microseconds } from '@/shared/format/duration';

// Where a line may not go on: farther apart than this many buckets (or
// intervals, if those are longer) is a gap.
const longestGap = 2.5;

export type Percentile = 'p50' | 'p95' | 'p99';

export const percentiles: readonly { value: Percentile; text: string }[] = [
  { value: 'p50', text: 'P50' },
  { value: 'p95', text: 'P95' },
  { value: 'p99', text: 'P99' },
];

// Lines differ in dash as well as in colour.
export interface Line {
  name: string;
  color: string;
  dash: number[] | undefined;
  // Microseconds at each time of the chart.
  values: (number | null)[];
  // Over the whole range.
  whole: Duration | undefined;
}

export interface LatencyData {
  start: number;
  end: number;
  // Milliseconds, the middle of each bucket; a time without a point is a gap.
  times: number[];
  points: (LatencyPoint | undefined)[];
  lines: Line[];
  failedAt: number[];
}

const regionLooks: readonly { color: string; dash: number[] | undefined }[] = [
  { color: 'var(--p95)', dash: undefined },
  { color: 'var(--p50)', dash: [7, 3] },
  { color: 'var(--p99)', dash: [2, 3] },
  { color: 'var(--degraded)', dash: [9, 3, 2, 3] },
  { color: 'var(--phase-5)', dash: [4, 4] },
  { color: 'var(--phase-1)', dash: [12, 4] },
];

// Three percentiles of all regions together, or one percentile of each region.
export function latencyData(latency: Latency, byRegion: Percentile | undefined, intervalMs: number): LatencyData {
  const start = latency.start === undefined ? 0 : timestampMs(latency.start);
  const end = latency.end === undefined ? start + 1 : timestampMs(latency.end);
  const [all, ...regions] = latency.series;
  const bucket = bucketMs(latency.bucket);
  const middle = (point: { start?: PhasePoint['start'] }) => middleOf(point.start, bucket, start, end);
  const times = withGaps(
    all?.points.map(middle) ?? [],
    longestGap * Math.max(bucket, intervalMs),
  );

  const line = (series: LatencySeries, percentile: Percentile): Pick<Line, 'values' | 'whole'> => {
    const byTime = new Map(series.points.map((point) => [middle(point), point[percentile]]));
    return {
      values: times.map((at) => {
        const value = byTime.get(at);
        return value === undefined ? null : microseconds(value);
      }),
      whole: series[percentile],
    };
  };
  const byTime = new Map(all?.points.map((point) => [middle(point), point]));
  const lines: Line[] =
    all === undefined
      ? []
      : byRegion === undefined
        ? [
            { ...line(all, 'p99'), name: 'P99', color: 'var(--p99)', dash: [2, 3] },
            { ...line(all, 'p95'), name: 'P95', color: 'var(--p95)', dash: [7, 3] },
            { ...line(all, 'p50'), name: 'P50', color: 'var(--p50)', dash: undefined },
          ]
        : regions.map((series, index) => ({
            ...(regionLooks[index % regionLooks.length] ?? { color: 'var(--p95)', dash: undefined }),
            ...line(series, byRegion),
            name: series.region,
          }));
  return {
    start,
    end,
    times,
    points: times.map((at) => byTime.get(at)),
    lines,
    failedAt: all?.points.filter((point) => point.failed > 0n).map(middle) ?? [],
  };
}

// Adds a time in the middle of every gap; nothing has a value there, and so
// lines break.
export function withGaps(times: readonly number[], longest: number): number[] {
  return times.flatMap((at, index) => {
    const before = times[index - 1];
    return before !== undefined && at - before > longest ? [(before + at) / 2, at] : [at];
  });
}

export function middleOf(start: PhasePoint['start'], bucket: number, from: number, to: number): number {
  const middle = (start === undefined ? 0 : timestampMs(start)) + bucket / 2;
  // The newest bucket has only begun, the oldest may begin before the range.
  return Math.min(Math.max(middle, from), to);
}

export function bucketMs(bucket: Duration | undefined): number {
  return bucket === undefined ? 0 : microseconds(bucket) / 1e3;
}
