import Link from 'next/link';
import { memo } from 'react';

import { UptimeBars } from '@/components/charts/uptime-bars';
import { StateText } from '@/components/ui/state-badge';
import type { MonitorSummary } from '@/gen/openseer/v1/monitor_service_pb';
import { formatMeasured } from '@/shared/format/duration';
import { formatRatio } from '@/shared/format/number';

import { barsLabel } from './monitor-row';

// The compact grid's: as much as the eye takes in from a distance.
export const MonitorCard = memo(function MonitorCard({ monitor, width }: { monitor: MonitorSummary; width: string }) {
  return (
    <article style={{ width }} className="relative mb-2 flex min-w-0 flex-col justify-between px-3 py-2.5 card hover:border-line-strong" data-monitor={monitor.id}>
      <div className="flex items-start justify-between gap-2">
        <Link href={`/monitors/${monitor.id}`} className="truncate rounded-sm font-medium after:absolute after:inset-0" title={monitor.name}>
          {monitor.name}
        </Link>
        <StateText state={monitor.state} />
      </div>
      <UptimeBars bars={monitor.hours} height={22} className="w-full" label={barsLabel(monitor)} />
      <div className="flex justify-between text-sm text-muted tabular-nums">
        <span>{formatRatio(monitor.uptime24h)}</span>
        <span>P95 {formatMeasured(monitor.p9524h)}</span>
      </div>
    </article>
  );
});
