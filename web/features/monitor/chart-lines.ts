import { type Duration, timestampMs } from '@bufbuild/protobuf/wkt';

import type { Latency, LatencyPoint, LatencySeries } from '@/gen/openseer/v1/metrics_service_pb';
import { microseconds } from '@/shared/format/duration';

import type { Sample } from './chart-geometry';

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
  dash: string | undefined;
  samples: Sample[];
  // Over the whole range.
  whole: Duration | undefined;
}

const regionLooks: readonly { color: string; dash: string | undefined }[] = [
  { color: 'var(--p95)', dash: undefined },
  { color: 'var(--p50)', dash: '7 3' },
  { color: 'var(--p99)', dash: '2 3' },
  { color: 'var(--degraded)', dash: '9 3 2 3' },
  { color: 'var(--phase-5)', dash: '4 4' },
  { color: 'var(--phase-1)', dash: '12 4' },
];

// Three percentiles of all regions together, or one percentile of each region.
export function linesOf(latency: Latency, byRegion: Percentile | undefined): Line[] {
  const [all, ...regions] = latency.series;
  if (all === undefined) return [];
  if (byRegion !== undefined) {
    return regions.map((series, index) => ({
      ...(regionLooks[index % regionLooks.length] ?? { color: 'var(--p95)', dash: undefined }),
      ...lineOf(latency, series, byRegion),
      name: series.region,
    }));
  }
  return [
    { ...lineOf(latency, all, 'p50'), name: 'P50', color: 'var(--p50)', dash: undefined },
    { ...lineOf(latency, all, 'p95'), name: 'P95', color: 'var(--p95)', dash: '7 3' },
    { ...lineOf(latency, all, 'p99'), name: 'P99', color: 'var(--p99)', dash: '2 3' },
  ];
}

function lineOf(latency: Latency, series: LatencySeries, percentile: Percentile): Pick<Line, 'samples' | 'whole'> {
  return {
    samples: series.points.map((point) => {
      const value = point[percentile];
      return { at: middleOf(latency, point), us: value === undefined ? undefined : microseconds(value) };
    }),
    whole: series[percentile],
  };
}

export function middleOf(latency: Latency, point: LatencyPoint): number {
  const start = point.start === undefined ? 0 : timestampMs(point.start);
  const middle = start + bucketMs(latency) / 2;
  // The newest bucket has only begun, the oldest may begin before the range.
  const from = latency.start === undefined ? middle : timestampMs(latency.start);
  const to = latency.end === undefined ? middle : timestampMs(latency.end);
  return Math.min(Math.max(middle, from), to);
}

export function bucketMs(latency: Latency): number {
  return latency.bucket === undefined ? 0 : microseconds(latency.bucket) / 1e3;
}
