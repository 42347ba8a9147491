import type { UptimeBar } from '@/gen/openseer/v1/metrics_service_pb';
import { t } from '@/strings';

export type BarState = 'up' | 'degraded' | 'down' | 'missed' | 'none';

// Below this ratio of failures a bar is "degraded", above it "down".
const downFrom = 0.5;

export function barState({ ok, failed, missed }: UptimeBar): BarState {
  const results = ok + failed;
  if (results === 0) return missed === 0 ? 'none' : 'missed';
  if (failed === 0) return 'up';
  return failed / results >= downFrom ? 'down' : 'degraded';
}

const fills: Readonly<Record<BarState, string>> = {
  up: 'fill-up-fill',
  degraded: 'fill-degraded-fill',
  down: 'fill-down-fill',
  missed: 'fill-idle-fill',
  none: 'fill-idle-fill/40',
};

// Shapes say it too: what failed is taller than what was well.
const heights: Readonly<Record<BarState, number>> = { up: 0.78, degraded: 0.9, down: 1, missed: 0.5, none: 0.3 };

// One failure must be seen, and half of a day must look like it.
function failedPart({ ok, failed }: UptimeBar): number {
  return Math.max(0.3, failed / (ok + failed));
}

interface UptimeBarsProps {
  bars: readonly UptimeBar[];
  label: string;
  // In the units of the drawing, which stretches to the width it is given.
  height?: number;
  className?: string;
  // What hovering over a bar says.
  titleOf?: (index: number) => string;
}

// One bar a day or an hour, oldest first.
export function UptimeBars({ bars, label, height = 24, className = '', titleOf }: UptimeBarsProps) {
  return (
    <svg
      viewBox={`0 0 ${Math.max(bars.length * 4 - 1, 0)} ${height}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={label}
      className={className}
      style={{ height }}
    >
      {bars.map((bar, index) => {
        const state = barState(bar);
        const tall = height * heights[state];
        const top = (height - tall) / 2;
        const part = state === 'degraded' ? tall * failedPart(bar) : tall;
        return (
          <g key={index}>
            {titleOf !== undefined && <title>{titleOf(index)}</title>}
            {state === 'degraded' && <rect x={index * 4} y={top} width={3} height={tall} rx={1} className={fills.up} />}
            <rect x={index * 4} y={top + tall - part} width={3} height={part} rx={1} className={fills[state]} />
          </g>
        );
      })}
    </svg>
  );
}

// What colours and heights mean.
export function BarsLegend() {
  const s = t().bars;
  const rows: [BarState, string][] = [
    ['up', s.up],
    ['degraded', s.degraded],
    ['down', s.down],
    ['missed', s.missed],
  ];
  return (
    <ul className="flex flex-wrap gap-x-4 gap-y-1 text-xs text-muted">
      {rows.map(([state, text]) => (
        <li key={state} className="flex items-center gap-1.5">
          <svg width="3" height="12" aria-hidden="true">
            {state === 'degraded' && <rect y={6 - 6 * heights.degraded} width="3" height={12 * heights.degraded} rx="1" className={fills.up} />}
            <rect y={state === 'degraded' ? 7.5 : 6 - 6 * heights[state]} width="3" height={state === 'degraded' ? 4 : 12 * heights[state]} rx="1" className={fills[state]} />
          </svg>
          {text}
        </li>
      ))}
    </ul>
  );
}
