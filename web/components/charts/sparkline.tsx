import { t } from '@/strings';

const slots = 40;
const step = 3;
const height = 24;
const smallest = 2;

// The latest results as bars, newest to the right. A failed one is a full-height
// bar; latencies never reach that high.
export function Sparkline({ latencies, className }: { latencies: readonly number[]; className: string }) {
  const shown = latencies.slice(-slots);
  const longest = Math.max(1, ...shown);
  const failed = shown.filter((us) => us === 0).length;
  const label = shown.length === 0 ? t().results.none : t().results.latest(shown.length, failed);
  const left = (slots - shown.length) * step;
  return (
    <svg viewBox={`0 0 ${slots * step} ${height}`} preserveAspectRatio="none" className={`h-6 ${className}`} role="img" aria-label={label}>
      <line x1="0" x2={slots * step} y1={height - 0.5} y2={height - 0.5} className="stroke-line" />
      {shown.map((us, index) => {
        const bar = us === 0 ? height : smallest + (us / longest) * (height * 0.75 - smallest);
        return (
          <rect
            key={index}
            x={left + index * step}
            y={height - bar}
            width={step - 1}
            height={bar}
            className={us === 0 ? 'fill-down-fill' : 'fill-accent/75'}
          />
        );
      })}
    </svg>
  );
}
