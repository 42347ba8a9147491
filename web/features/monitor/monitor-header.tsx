import { DegradedIcon, OutsideIcon } from '@/components/ui/icons';
import { StateBadge } from '@/components/ui/state-badge';
import { Tag } from '@/components/ui/tag';
import { Age } from '@/components/ui/time';
import { formatSetting } from '@/shared/format/duration';
import { useSignedIn } from '@/shared/session/session';
import { t } from '@/strings';

import { MonitorActions } from './monitor-actions';
import type { WholeMonitor } from './page-state';

export function MonitorHeader({ monitor, onCheck }: { monitor: WholeMonitor; onCheck: () => void }) {
  const { summary, spec } = monitor;
  const { canEdit } = useSignedIn();
  const s = t().monitor;
  const regions = spec.regions.filter((region) => region !== 'global');
  return (
    <div className="flex flex-wrap items-start justify-between gap-x-6 gap-y-3">
      <div className="max-w-full min-w-0">
        <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
          <h1 className="text-xl font-semibold tracking-tight break-words">{summary.name}</h1>
          {/* Announced when it changes; the age beside it is not. */}
          <span role="status" data-testid="monitor-state">
            <StateBadge state={summary.state} />
          </span>
          {summary.stateSince !== undefined && (
            <span className="text-sm text-muted">
              {s.since} <Age time={summary.stateSince} />
            </span>
          )}
        </div>
        <p className="mt-1 text-sm break-all text-muted">
          <a href={summary.url} rel="noreferrer" target="_blank" className="text-accent underline underline-offset-2">
            {summary.url} <OutsideIcon className="inline size-3.5" />
            <span className="sr-only">{s.newTab}</span>
          </a>
        </p>
        <div className="mt-1 flex flex-wrap items-center gap-x-2 gap-y-1 text-sm text-muted">
          <span>
            {spec.interval === undefined ? '' : s.every(spec.method === '' ? 'GET' : spec.method, formatSetting(spec.interval))}{' '}
            {regions.length === 0 ? s.fromAny : s.from(spec.regions.join(', '))}
          </span>
          {spec.tags.map((tag) => (
            <Tag key={tag}>{tag}</Tag>
          ))}
        </div>
        {spec.skipTlsVerification && (
          <p className="mt-1 flex items-center gap-1.5 text-sm text-degraded">
            <DegradedIcon /> {s.notVerified}
          </p>
        )}
      </div>
      {canEdit && <MonitorActions monitor={monitor} onCheck={onCheck} />}
    </div>
  );
}
