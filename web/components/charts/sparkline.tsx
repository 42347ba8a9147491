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
  // One path for all of a kind: a list draws hundreds of these while it scrolls.
  const bars = (which: (us: number) => boolean) =>
    shown
      .map((us, index) => {
        const bar = us === 0 ? height : smallest + (us / longest) * (height * 0.75 - smallest);
        return which(us) ? `M${left + index * step} ${height - bar}h${step - 1}V${height}h${1 - step}z` : '';
      })
      .join('');
  return (
    <svg viewBox={`0 0 ${slots * step} ${height}`} preserveAspectRatio="none" className={`h-6 ${className}`} role="img" aria-label={label}>
      <line x1="0" x2={slots * step} y1={height - 0.5} y2={height - 0.5} className="stroke-line" />
      <path d={bars((us) => us !== 0)} className="fill-accent/75" />
      <path d={bars((us) => us === 0)} className="fill-down-fill" />
    </svg>
  );
}
