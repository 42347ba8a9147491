import type { Phases } from '@/gen/openseer/v1/result_pb';
import { formatLatency, microseconds } from '@/shared/format/duration';
import { t } from '@/strings';

export const phaseNames = ['dns', 'connect', 'tls', 'wait', 'download'] as const;
export type PhaseName = (typeof phaseNames)[number];

export const phaseColors: Readonly<Record<PhaseName, string>> = {
  dns: 'var(--phase-1)',
  connect: 'var(--phase-2)',
  tls: 'var(--phase-3)',
  wait: 'var(--phase-4)',
  download: 'var(--phase-5)',
};

interface WaterfallProps {
  phases: Phases;
  // The same phases as they usually are, in microseconds.
  usual?: Readonly<Record<PhaseName, number>> | undefined;
}

interface Step {
  key: string;
  name: string;
  us: number;
  left: number;
  color: string;
  usual: number | undefined;
}

// The phases one after the other. What the total has beyond them came before
// the last hop: redirects.
export function Waterfall({ phases, usual }: WaterfallProps) {
  const us = (name: PhaseName | 'total') => {
    const phase = phases[name];
    return phase === undefined ? 0 : microseconds(phase);
  };
  const total = us('total');
  const before = total - phaseNames.reduce((sum, name) => sum + us(name), 0);
  const steps: Step[] = [];
  let left = 0;
  // Below one per cent it is only the time between the phases.
  if (before > total / 100) {
    steps.push({ key: 'before', name: t().phases.before, us: before, left: 0, color: 'var(--line-strong)', usual: undefined });
    left = before;
  }
  for (const name of phaseNames) {
    steps.push({ key: name, name: t().phases[name], us: us(name), left, color: phaseColors[name], usual: usual?.[name] });
    left += us(name);
  }
  const percent = (value: number) => `${total > 0 ? Math.min(100, (value / total) * 100) : 0}%`;
  const columns = usual === undefined ? 'grid-cols-[auto_1fr_auto]' : 'grid-cols-[auto_1fr_auto_auto]';
  return (
    <div className={`grid items-center gap-x-3 gap-y-1 text-sm tabular-nums ${columns}`} role="table" aria-label={t().phases.title} data-testid="waterfall">
      {usual !== undefined && (
        <div role="row" className="contents text-xs text-muted">
          <span role="columnheader" className="sr-only">{t().phases.phase}</span>
          <span role="columnheader" className="sr-only">{t().phases.share}</span>
          <span role="columnheader" className="col-start-3 text-right">{t().phases.now}</span>
          <span role="columnheader" className="text-right">{t().phases.usual}</span>
        </div>
      )}
      {steps.map((step) => (
        <div key={step.key} role="row" className="contents">
          <span role="rowheader" className="text-muted">{step.name}</span>
          <span role="cell" className="relative h-3.5 overflow-hidden rounded-sm bg-sunken">
            {step.us > 0 && (
              <span className="absolute inset-y-0 min-w-0.5 rounded-sm" style={{ left: percent(step.left), width: percent(step.us), background: step.color }} />
            )}
          </span>
          <span role="cell" className="text-right">{step.us === 0 ? '–' : formatLatency(step.us)}</span>
          {usual !== undefined && (
            <span role="cell" className="text-right text-muted">
              {step.usual === undefined || step.usual === 0 ? '–' : formatLatency(step.usual)}
            </span>
          )}
        </div>
      ))}
      <div role="row" className="contents font-medium">
        <span role="rowheader" className="border-t border-line pt-1">{t().phases.total}</span>
        <span role="cell" className="h-full border-t border-line" />
        <span role="cell" className="border-t border-line pt-1 text-right">{formatLatency(total)}</span>
        {usual !== undefined && (
          <span role="cell" className="border-t border-line pt-1 text-right font-normal text-muted">
            {formatLatency(phaseNames.reduce((sum, name) => sum + usual[name], 0))}
          </span>
        )}
      </div>
    </div>
  );
}
