import { timestampMs } from '@bufbuild/protobuf/wkt';
import { type KeyboardEvent, type PointerEvent, useCallback, useState } from 'react';

import { type Latency, type LatencyPoint, Range } from '@/gen/openseer/v1/metrics_service_pb';
import { formatLatency } from '@/shared/format/duration';
import { formatCount } from '@/shared/format/number';

import { latencyTicks, nearest, segments, timeTicks } from './chart-geometry';
import { bucketMs, type Line, middleOf } from './chart-lines';
import { ChartTooltip } from './chart-tooltip';

const height = 264;
const plot = { left: 56, right: 12, top: 10, bottom: 48 };
const failedStrip = { gap: 11, height: 8 };
// Up to so many, every bucket gets a dot.
const mostDots = 60;

const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });
const day = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' });
const exact = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });

interface LatencyChartProps {
  latency: Latency;
  lines: Line[];
  // Between two checks; buckets farther apart than that are a gap.
  intervalMs: number;
}

export function LatencyChart({ latency, lines, intervalMs }: LatencyChartProps) {
  const { width, measure } = useWidth();
  const points = latency.series[0]?.points ?? [];
  const times = points.map((point) => middleOf(latency, point));
  const [cursorAt, setCursorAt] = useState<number>();
  const cursor = cursorAt === undefined ? -1 : nearest(times, cursorAt);

  const start = latency.start === undefined ? 0 : timestampMs(latency.start);
  const end = latency.end === undefined ? 1 : timestampMs(latency.end);
  const innerWidth = Math.max(1, width - plot.left - plot.right);
  const x = (at: number) => plot.left + ((at - start) / (end - start)) * innerWidth;

  const onPointer = (event: PointerEvent) => {
    const left = event.currentTarget.getBoundingClientRect().left;
    setCursorAt(start + ((event.clientX - left - plot.left) / innerWidth) * (end - start));
  };
  const onKey = (event: KeyboardEvent) => {
    const last = times.length - 1;
    const from = cursor === -1 ? last + 1 : cursor;
    const target = { ArrowLeft: from - 1, ArrowRight: from + 1, Home: 0, End: last }[event.key];
    if (target === undefined) return;
    event.preventDefault();
    setCursorAt(times[Math.min(Math.max(target, 0), last)]);
  };

  if (points.length === 0) {
    return (
      <p className="flex items-center justify-center rounded-lg bg-sunken text-muted" style={{ height }}>
        No results in this range.
      </p>
    );
  }
  const point = points[cursor];
  return (
    <div
      ref={measure}
      role="slider"
      tabIndex={0}
      aria-label="Latency chart: arrow keys go through its buckets"
      aria-valuemin={0}
      aria-valuemax={points.length - 1}
      aria-valuenow={cursor === -1 ? points.length - 1 : cursor}
      aria-valuetext={describe(lines, points, times, cursor === -1 ? points.length - 1 : cursor)}
      className="relative touch-pan-y rounded-lg"
      data-testid="latency-chart"
      onPointerMove={onPointer}
      onPointerDown={onPointer}
      onPointerLeave={() => setCursorAt(undefined)}
      onBlur={() => setCursorAt(undefined)}
      onKeyDown={onKey}
    >
      <svg width={width} height={height} className="block" aria-hidden="true">
        <Drawing latency={latency} lines={lines} intervalMs={intervalMs} width={width} x={x} />
        {point !== undefined && (
          <line x1={x(times[cursor] ?? 0)} x2={x(times[cursor] ?? 0)} y1={plot.top} y2={height - plot.bottom} className="stroke-line-strong" />
        )}
      </svg>
      {point !== undefined && (
        <ChartTooltip
          left={x(times[cursor] ?? 0)}
          width={width}
          title={exact.format(point.start === undefined ? 0 : timestampMs(point.start))}
          rows={lines.map((line) => ({ name: line.name, color: line.color, value: valueAt(line, times[cursor] ?? 0) }))}
          point={point}
        />
      )}
    </div>
  );
}

interface DrawingProps extends LatencyChartProps {
  width: number;
  x: (at: number) => number;
}

function Drawing({ latency, lines, intervalMs, width, x }: DrawingProps) {
  const bottom = height - plot.bottom;
  const values = lines.flatMap((line) => line.samples.map((sample) => sample.us ?? 0));
  const ticks = latencyTicks(Math.max(0, ...values));
  const top = ticks.at(-1) ?? 1;
  const y = (us: number) => bottom - (us / top) * (bottom - plot.top);
  const start = latency.start === undefined ? 0 : timestampMs(latency.start);
  const end = latency.end === undefined ? 1 : timestampMs(latency.end);
  const longRange = latency.range !== Range.RANGE_1H && latency.range !== Range.RANGE_24H;
  const longestGap = 2.5 * Math.max(bucketMs(latency), intervalMs);

  return (
    <>
      {ticks.map((us) => (
        <g key={us}>
          <line x1={plot.left} x2={width - plot.right} y1={y(us)} y2={y(us)} className="stroke-line" />
          <text x={plot.left - 8} y={y(us) + 4} textAnchor="end" className="fill-muted text-[11px]">
            {tickText(us)}
          </text>
        </g>
      ))}
      {timeTicks(start, end, Math.max(2, Math.floor((width - plot.left) / 90))).map((tick) => (
        <text key={tick.at} x={x(tick.at)} y={height - 6} textAnchor={x(tick.at) > width - 30 ? 'end' : 'middle'} className="fill-muted text-[11px]">
          {tick.day || longRange ? day.format(tick.at) : clock.format(tick.at)}
        </text>
      ))}
      {lines.map((line) => (
        <LineMarks key={line.name} line={line} longestGap={longestGap} x={x} y={y} />
      ))}
      <FailedMarks latency={latency} x={x} />
    </>
  );
}

function LineMarks({ line, longestGap, x, y }: { line: Line; longestGap: number; x: (at: number) => number; y: (us: number) => number }) {
  const runs = segments(line.samples, longestGap);
  const dots = line.samples.length <= mostDots ? runs.flat() : runs.filter((run) => run.length === 1).flat();
  return (
    <g style={{ stroke: line.color }}>
      {runs
        .filter((run) => run.length > 1)
        .map((run) => (
          <polyline
            key={run[0]?.at}
            points={run.map(({ at, us }) => `${x(at).toFixed(1)},${y(us).toFixed(1)}`).join(' ')}
            fill="none"
            strokeWidth="1.8"
            strokeLinejoin="round"
            strokeDasharray={line.dash}
          />
        ))}
      {dots.map(({ at, us }) => (
        <circle key={at} cx={x(at)} cy={y(us)} r={dots.length < 4 ? 4 : 2.6} stroke="none" style={{ fill: line.color }} />
      ))}
    </g>
  );
}

// Below the axis, a mark for every bucket in which a check failed.
function FailedMarks({ latency, x }: { latency: Latency; x: (at: number) => number }) {
  const failed = latency.series[0]?.points.filter((point) => point.failed > 0n) ?? [];
  if (failed.length === 0 || latency.start === undefined) return null;
  const top = height - plot.bottom + failedStrip.gap;
  const from = timestampMs(latency.start);
  const wide = Math.max(3, x(from + bucketMs(latency)) - x(from) - 1);
  return (
    <g data-testid="failed-marks">
      <text x={plot.left - 8} y={top + failedStrip.height} textAnchor="end" className="fill-down text-[11px]">
        failed
      </text>
      {failed.map((point) => {
        const at = middleOf(latency, point);
        return <rect key={at} x={x(at) - wide / 2} y={top} width={wide} height={failedStrip.height} rx="1" className="fill-down" />;
      })}
    </g>
  );
}

// Ticks are round: "1.5 s" rather than "1.50 s".
function tickText(us: number): string {
  return us === 0 ? '0' : formatLatency(us).replace(/\.0+ /, ' ').replace(/(\.\d+?)0+ /, '$1 ');
}

function valueAt(line: Line, at: number): number | undefined {
  return line.samples.find((sample) => sample.at === at)?.us;
}

function describe(lines: Line[], points: LatencyPoint[], times: number[], index: number): string {
  const at = times[index];
  const point = points[index];
  if (at === undefined || point === undefined) return '';
  const values = lines.map((line) => {
    const us = valueAt(line, at);
    return `${line.name} ${us === undefined ? 'no data' : formatLatency(us)}`;
  });
  return `${exact.format(at)}: ${values.join(', ')}, ${formatCount(point.failed)} failed`;
}

// The width of the element that `measure` is the ref of, in whole pixels.
function useWidth() {
  const [width, setWidth] = useState(0);
  const measure = useCallback((element: HTMLElement | null) => {
    if (element === null) return undefined;
    const observer = new ResizeObserver(([entry]) => setWidth(Math.floor(entry?.contentRect.width ?? 0)));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return { width, measure };
}
