import type { LatencyPoint } from '@/gen/openseer/v1/metrics_service_pb';
import { formatLatency } from '@/shared/format/duration';
import { formatCount } from '@/shared/format/number';

interface ChartTooltipProps {
  // Where the bucket is, and how wide the chart, in pixels.
  left: number;
  width: number;
  title: string;
  rows: { name: string; color: string; value: number | undefined }[];
  point: LatencyPoint;
}

// On the side of the cursor that has room.
export function ChartTooltip({ left, width, title, rows, point }: ChartTooltipProps) {
  const side = left > width / 2 ? { right: width - left + 10 } : { left: left + 10 };
  return (
    <div className="card pointer-events-none absolute top-2 z-10 px-3 py-2 text-sm whitespace-nowrap shadow-lg" style={side} aria-hidden="true">
      <div className="mb-1 font-medium">{title}</div>
      {rows.map(({ name, color, value }) => (
        <div key={name} className="flex items-center gap-2">
          <span className="size-2 rounded-full" style={{ background: color }} />
          <span className="text-muted">{name}</span>
          <span className="ml-auto pl-3 tabular-nums">{value === undefined ? '–' : formatLatency(value)}</span>
        </div>
      ))}
      <div className="mt-1 text-muted">
        {formatCount(point.ok)} ok · {formatCount(point.failed)} failed
      </div>
    </div>
  );
}
