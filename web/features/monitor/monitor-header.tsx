import { formatSetting } from '@/shared/format/duration';
import { ageOf, formatMoment } from '@/shared/format/time';
import { useSignedIn } from '@/shared/session/session';
import { DegradedIcon, OutsideIcon } from '@/shared/ui/icons';
import { StateBadge } from '@/shared/ui/state-badge';
import { useNow } from '@/shared/ui/use-now';

import { MonitorActions } from './monitor-actions';
import type { WholeMonitor } from './page-state';

export function MonitorHeader({ monitor }: { monitor: WholeMonitor }) {
  const { summary, spec } = monitor;
  const { canEdit } = useSignedIn();
  const now = useNow();
  const regions = spec.regions.filter((region) => region !== 'global');
  return (
    <div className="flex flex-wrap items-start justify-between gap-x-6 gap-y-4">
      <div className="max-w-full min-w-0">
        <h1 className="text-2xl font-semibold break-words">{summary.name}</h1>
        <div className="mt-1.5 flex flex-wrap items-center gap-x-2.5 gap-y-1">
          {/* Announced when it changes; the age beside it is not. */}
          <span role="status" data-testid="monitor-state">
            <StateBadge state={summary.state} />
          </span>
          {summary.stateSince !== undefined && (
            <span className="text-sm text-muted" title={formatMoment(summary.stateSince)}>
              for {ageOf(summary.stateSince, now)}
            </span>
          )}
        </div>
        <p className="mt-2 text-sm break-all text-muted">
          <a href={summary.url} rel="noreferrer" target="_blank" className="text-accent underline underline-offset-2">
            {summary.url} <OutsideIcon className="inline size-3.5" />
            <span className="sr-only">(opens in a new tab)</span>
          </a>
        </p>
        <p className="mt-1 text-sm text-muted">
          {spec.method}
          {spec.interval !== undefined && ` every ${formatSetting(spec.interval)}`} from {regions.length === 0 ? 'any worker' : spec.regions.join(', ')}
        </p>
        {spec.skipTlsVerification && (
          <p className="mt-1 flex items-center gap-1.5 text-sm text-degraded">
            <DegradedIcon /> The certificate is not verified.
          </p>
        )}
      </div>
      {canEdit && <MonitorActions monitor={monitor} />}
    </div>
  );
}
