import { Code } from '@connectrpc/connect';
import dynamic from 'next/dynamic';
import { type ReactNode, useMemo, useState } from 'react';

import { ButtonLink } from '@/components/ui/button';
import { ConnectionBanner } from '@/components/ui/connection-banner';
import { Notice } from '@/components/ui/notice';
import { Skeleton } from '@/components/ui/section';
import type { Range } from '@/gen/openseer/v1/metrics_service_pb';
import type { Result } from '@/gen/openseer/v1/result_pb';
import { describeError } from '@/shared/api/errors';
import { useWatch } from '@/shared/api/use-watch';
import { microseconds } from '@/shared/format/duration';
import { PageTitle } from '@/shared/layout/page-title';
import { useSignedIn } from '@/shared/session/session';
import { t } from '@/strings';

import { LatencySection } from './latency-section';
import { LatestRun } from './latest-run';
import { MonitorHeader } from './monitor-header';
import { foldPage, isWhole, type PageState, type WholeMonitor } from './page-state';
import { PhasesSection } from './phases-section';
import { ResultsSection } from './results-section';
import { UptimeSection } from './uptime-section';
import { usePhases, useUsual } from './use-phases';
import { useRange } from './use-range';

const ResultSheet = dynamic(() => import('./result-sheet').then((m) => m.ResultSheet), { ssr: false });
const RunCheck = dynamic(() => import('@/shared/check/run-check').then((m) => m.RunCheck), { ssr: false });

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
  if (state === undefined || !isWhole(state.monitor)) return <Waiting />;
  const monitor = state.monitor;

  return (
    <div className="flex flex-col gap-4">
      <PageTitle title={monitor.summary.name} />
      <Sections monitor={monitor} state={state} range={range}>
        <LatencySection
          latency={state.latency}
          interval={monitor.spec.interval}
          stale={shown !== request}
          range={range}
          onRange={setRange}
          byRegion={byRegion}
          onByRegion={setByRegion}
          severalRegions={monitor.spec.regions.length > 1}
        />
      </Sections>
      <ConnectionBanner live={live} />
    </div>
  );
}

interface SectionsProps {
  monitor: WholeMonitor;
  state: PageState;
  range: Range;
  // The latency chart.
  children: ReactNode;
}

function Sections({ monitor, state, range, children }: SectionsProps) {
  const { id } = monitor.summary;
  const phases = usePhases(id, range);
  const usual = useUsual(phases.value);
  const [opened, setOpened] = useState<Result>();
  const [checking, setChecking] = useState(false);
  const { interval, regions } = monitor.spec;
  const checkedFrom = regions.length === 0 ? ['global'] : regions;

  return (
    <>
      <MonitorHeader monitor={monitor} onCheck={() => setChecking(true)} />
      <UptimeSection monitorId={id} windows={state.windows} />
      {children}
      <div className="grid items-start gap-4 xl:grid-cols-[3fr_2fr]">
        <PhasesSection phases={phases} intervalMs={interval === undefined ? 0 : microseconds(interval) / 1e3} />
        <LatestRun result={state.results[0]} usual={usual} onOpen={setOpened} />
      </div>
      <ResultsSection monitorId={id} state={state} regions={checkedFrom} onOpen={setOpened} />
      {opened !== undefined && <ResultSheet monitorId={id} result={opened} onClose={() => setOpened(undefined)} />}
      {checking && <RunCheck title={t().runCheck.title} what={{ monitorId: id }} regions={checkedFrom} onClose={() => setChecking(false)} />}
    </>
  );
}

function Waiting() {
  return (
    <div role="status" className="flex flex-col gap-4">
      <span className="sr-only">{t().ui.loading(t().monitors.monitor)}</span>
      <Skeleton className="h-16 max-w-md" />
      <Skeleton className="h-40" />
      <Skeleton className="h-80" />
    </div>
  );
}

function Gone({ deleted }: { deleted: boolean }) {
  const s = t().gone;
  return (
    <div className="mx-auto max-w-lg p-6 card">
      <PageTitle title={s.title} />
      <h1 className="text-lg font-semibold">{deleted ? s.deleted : s.title}</h1>
      <p className="mt-2 mb-5 text-muted">{deleted ? s.deletedNote : s.note}</p>
      <ButtonLink href="/monitors" look="primary">
        {s.back}
      </ButtonLink>
    </div>
  );
}
