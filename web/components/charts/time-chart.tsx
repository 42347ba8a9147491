import { type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from 'react';
import uPlot from 'uplot';

import { Button } from '@/components/ui/button';
import { formatClockMs, formatDayMs } from '@/shared/format/time';
import { useDark } from '@/shared/preferences/theme';
import { t } from '@/strings';

export interface ChartSeries {
  name: string;
  // A CSS colour, variables included.
  color: string;
  dash?: number[] | undefined;
  // Down to zero, in `color`.
  filled?: boolean;
  values: (number | null)[];
}

export interface TimeChartProps {
  // What a screen reader calls it.
  label: string;
  height: number;
  // Milliseconds since 1970; the range that is drawn, and where the values are.
  start: number;
  end: number;
  times: number[];
  series: ChartSeries[];
  // Shades the room between two series, as [upper, lower] by index.
  bands?: [number, number][];
  // At these times something failed.
  failedAt?: number[];
  formatValue: (value: number) => string;
  // What the crosshair tells of one point, and the same as one sentence.
  tooltip: (index: number) => ReactNode;
  describe: (index: number) => string;
  testId: string;
}

const dayMs = 86_400_000;
const padLeft = 8;
// Half of the last tick's text.
const padRight = 28;

// Lines over time on a canvas: drag to zoom, arrow keys or the pointer for the
// numbers. Load it lazily: uPlot comes with it.
export function TimeChart(props: TimeChartProps) {
  const { label, height, times, describe, tooltip, testId } = props;
  const box = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot>(undefined);
  const [cursor, setCursor] = useState<{ index: number; left: number; width: number }>();
  const [zoomed, setZoomed] = useState(false);
  const dark = useDark();

  useEffect(() => {
    const element = box.current;
    if (element === null) return undefined;
    const drawn = new uPlot(optionsOf(props, element, setCursor, setZoomed), dataOf(props), element);
    chart.current = drawn;
    const observer = new ResizeObserver(() => drawn.setSize({ width: element.clientWidth, height }));
    observer.observe(element);
    return () => {
      observer.disconnect();
      drawn.destroy();
      chart.current = undefined;
    };
    // A new range or another set of lines makes a new chart; new values do not.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [dark, height, props.series.map(({ name, color }) => name + color).join(), Math.round((props.end - props.start) / 60_000)]);

  const latest = useRef(props);
  useEffect(() => {
    latest.current = props;
    const drawn = chart.current;
    if (drawn === undefined) return;
    // A zoomed view stays where it is.
    drawn.setData(dataOf(props), false);
    if (!zoomed) drawn.setScale('x', { min: props.start / 1000, max: props.end / 1000 });
    else drawn.redraw();
  });

  const moveTo = (index: number) => {
    const drawn = chart.current;
    const at = times[index];
    if (drawn === undefined || at === undefined) return;
    drawn.setCursor({ left: drawn.valToPos(at / 1000, 'x'), top: 1 });
  };
  const onKey = (event: KeyboardEvent) => {
    const last = times.length - 1;
    const from = cursor?.index ?? last + 1;
    const target = { ArrowLeft: from - 1, ArrowRight: from + 1, Home: 0, End: last }[event.key];
    if (target === undefined) return;
    event.preventDefault();
    moveTo(Math.min(Math.max(target, 0), last));
  };

  const shown = cursor?.index ?? times.length - 1;
  const point = cursor !== undefined && cursor.index < times.length ? cursor : undefined;
  return (
    <div className="relative">
      <div
        ref={box}
        role="slider"
        tabIndex={0}
        aria-label={label}
        aria-valuemin={0}
        aria-valuemax={Math.max(0, times.length - 1)}
        aria-valuenow={Math.max(0, shown)}
        aria-valuetext={times.length === 0 ? '' : describe(shown)}
        className="touch-pan-y rounded-md"
        style={{ height }}
        data-testid={testId}
        data-points={times.length}
        data-failed={props.failedAt?.length ?? 0}
        onKeyDown={onKey}
        onBlur={() => chart.current?.setCursor({ left: -10, top: -10 })}
      />
      {point !== undefined && (
        <div
          className="pointer-events-none absolute top-1 z-10 px-3 py-2 text-sm whitespace-nowrap floating"
          style={point.left > point.width / 2 ? { right: point.width - point.left + 14 } : { left: point.left + 14 }}
          aria-hidden="true"
        >
          {tooltip(point.index)}
        </div>
      )}
      {zoomed && (
        <Button
          size="sm"
          className="absolute right-2 bottom-10"
          onClick={() => chart.current?.setScale('x', { min: latest.current.start / 1000, max: latest.current.end / 1000 })}
        >
          {t().chart.resetZoom}
        </Button>
      )}
    </div>
  );
}

function dataOf({ times, series }: TimeChartProps): uPlot.AlignedData {
  return [times.map((at) => at / 1000), ...series.map(({ values }) => values)];
}

function optionsOf(
  props: TimeChartProps,
  element: HTMLElement,
  onCursor: (cursor: { index: number; left: number; width: number } | undefined) => void,
  onZoom: (zoomed: boolean) => void,
): uPlot.Options {
  const { height, start, end, series, bands, failedAt, formatValue } = props;
  const paint = resolver(element);
  const font = `11px ${getComputedStyle(element).fontFamily}`;
  const span = end - start;
  const axis = { font, stroke: paint('var(--muted)'), ticks: { show: false } };
  const current = { failedAt, start, end };
  return {
    width: element.clientWidth,
    height,
    padding: [8, padRight, 0, padLeft],
    legend: { show: false },
    cursor: {
      y: false,
      drag: { x: true, y: false, setScale: true },
      points: { size: 7, fill: (u, index) => paint(series[index - 1]?.color ?? 'var(--ink)') },
    },
    scales: {
      x: { time: true, min: start / 1000, max: end / 1000, auto: false },
      y: { range: (_u, _min, max) => [0, max > 0 ? max * 1.08 : 1] },
    },
    series: [
      {},
      ...series.map(({ color, dash, filled }) => ({
        stroke: paint(color),
        width: filled === true ? 1 : 1.75,
        ...(dash === undefined ? {} : { dash }),
        ...(filled === true ? { fill: paint(color, 0.82) } : {}),
        points: { show: props.times.length <= 60, size: 5, fill: paint(color) },
      })),
    ],
    ...(bands === undefined ? {} : { bands: bands.map(([upper, lower]) => ({ series: [upper + 1, lower + 1] as [number, number], fill: paint(series[upper]?.color ?? '', 0.13) })) }),
    axes: [
      {
        ...axis,
        grid: { show: false },
        size: 28,
        space: 76,
        values: (_u, splits) => splits.map((at) => tickText(at * 1000, span)),
      },
      {
        ...axis,
        grid: { stroke: paint('var(--line)'), width: 1 },
        size: 62,
        gap: 6,
        space: 44,
        values: (_u, splits) => splits.map((value) => (value === 0 ? '0' : formatValue(value))),
      },
    ],
    hooks: {
      setCursor: [
        (u) => {
          const { idx, left } = u.cursor;
          if (idx === null || idx === undefined || left === undefined || left < 0) {
            onCursor(undefined);
            return;
          }
          const offset = u.over.offsetLeft;
          onCursor({ index: idx, left: u.valToPos(u.data[0][idx] ?? 0, 'x') + offset, width: u.width });
        },
      ],
      setScale: [
        (u, key) => {
          if (key !== 'x') return;
          const { min, max } = u.scales.x ?? {};
          onZoom(min !== undefined && max !== undefined && max - min < (span / 1000) * 0.97);
        },
      ],
      draw: [(u) => drawFailures(u, element, current, paint('var(--down-fill)'))],
    },
  };
}

// A red mark at the foot of the chart for each time at which a check failed.
function drawFailures(u: uPlot, element: HTMLElement, { failedAt }: { failedAt: number[] | undefined }, color: string): void {
  if (failedAt === undefined || failedAt.length === 0) return;
  const { left, top, width, height } = u.bbox;
  const ratio = window.devicePixelRatio;
  const wide = Math.max(2, Math.min(8, element.clientWidth / 160)) * ratio;
  u.ctx.save();
  u.ctx.fillStyle = color;
  for (const at of failedAt) {
    const x = u.valToPos(at / 1000, 'x', true);
    if (x < left || x > left + width) continue;
    u.ctx.fillRect(x - wide / 2, top + height - 9 * ratio, wide, 9 * ratio);
    u.ctx.globalAlpha = 0.14;
    u.ctx.fillRect(x - wide / 2, top, wide, height);
    u.ctx.globalAlpha = 1;
  }
  u.ctx.restore();
}

function tickText(at: number, span: number): string {
  const time = new Date(at);
  const midnight = time.getHours() === 0 && time.getMinutes() === 0;
  return span > 2 * dayMs || midnight ? formatDayMs(at) : formatClockMs(at);
}

// A canvas does not know CSS variables: an element does.
function resolver(element: HTMLElement): (color: string, alpha?: number) => string {
  return (color, alpha = 1) => {
    const probe = document.createElement('span');
    probe.style.color = color;
    element.appendChild(probe);
    const resolved = getComputedStyle(probe).color;
    probe.remove();
    return alpha === 1 ? resolved : resolved.replace(/^rgb\((.*)\)$/, `rgba($1, ${alpha})`);
  };
}
