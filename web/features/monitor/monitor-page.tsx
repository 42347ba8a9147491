import { Code } from '@connectrpc/connect';
import { useMemo, useState } from 'react';

import { describeError } from '@/shared/api/errors';
import { useWatch } from '@/shared/api/use-watch';
import { PageTitle } from '@/shared/layout/shell';
import { useSignedIn } from '@/shared/session/session';
import { ButtonLink } from '@/shared/ui/button';
import { ConnectionBanner } from '@/shared/ui/connection-banner';
import { Loading, Notice } from '@/shared/ui/notice';

import { LatencySection } from './latency-section';
import { LatestResult } from './latest-result';
import { MonitorHeader } from './monitor-header';
import { foldPage, isWhole } from './page-state';
import { ResultsSection } from './results-section';
import { UptimeCards } from './uptime-cards';
import { useRange } from './use-range';

// One monitor, live.
export function MonitorPage({ id }: { id: string }) {
  const { workspaceId } = useSignedIn();
  const [range, setRange] = useRange();
  const [byRegion, setByRegion] = useState(false);
  const request = useMemo(
    () => ({ workspaceId, view: { case: 'monitor' as const, value: { monitorId: id, range, byRegion } } }),
    [workspaceId, id, range, byRegion],
  );
  const { state, request: shown, live, error } = useWatch(request, foldPage);

  if (error?.code === Code.NotFound || state?.deleted === true) return <Gone deleted={state !== undefined} />;
  if (error !== undefined) return <Notice tone="error">{describeError(error)}</Notice>;
  if (state === undefined || !isWhole(state.monitor)) return <Loading what="the monitor" />;
  const monitor = state.monitor;

  return (
    <div className="flex flex-col gap-5">
      <PageTitle title={monitor.summary.name} />
      <MonitorHeader monitor={monitor} />
      <UptimeCards windows={state.windows} />
      <LatencySection
        latency={state.latency}
        interval={monitor.spec.interval}
        stale={shown !== request}
        range={range}
        onRange={setRange}
        byRegion={byRegion}
        onByRegion={setByRegion}
      />
      <LatestResult result={state.results[0]} />
      <ResultsSection monitorId={id} state={state} />
      <ConnectionBanner live={live} />
    </div>
  );
}

function Gone({ deleted }: { deleted: boolean }) {
  return (
    <div className="card mx-auto max-w-lg p-6">
      <PageTitle title="Monitor not found" />
      <h1 className="text-xl font-semibold">{deleted ? 'This monitor was deleted' : 'Monitor not found'}</h1>
      <p className="mt-2 mb-5 text-muted">
        {deleted ? 'Its results went with it.' : 'It may have been deleted, or it belongs to another workspace.'}
      </p>
      <ButtonLink href="/" look="primary">
        Go to the monitors
      </ButtonLink>
    </div>
  );
}
