import { useCallback, useEffect, useMemo, useRef } from 'react';

import type { GetOverviewResponse, Overview } from '@/gen/openseer/v1/dashboard_service_pb';
import { MonitorOrder, MonitorState, type MonitorSummary } from '@/gen/openseer/v1/monitor_service_pb';
import { dashboardClient, monitorClient } from '@/shared/api/client';
import type { WatchEvent } from '@/shared/api/keep-watching';
import { useLoaded } from '@/shared/api/use-loaded';
import { useWatch } from '@/shared/api/use-watch';

const troubled = [MonitorState.DOWN, MonitorState.DEGRADED, MonitorState.NO_DATA];
const mostTroubled = 50;
// Figures by the minute follow at least this soon when nothing else happens.
const refreshMs = 30_000;

export interface OverviewPage {
  glance: GetOverviewResponse;
  troubled: MonitorSummary[];
  // How many there are, of which `troubled` are the first.
  troubledTotal: number;
}

interface Live {
  overview: Overview | undefined;
  // Monitors that have changed since the stream opened.
  changed: ReadonlyMap<string, MonitorSummary>;
  // Grows with every event that may have changed what is listed.
  beat: number;
}

function fold(state: Live | undefined, events: WatchEvent[], fresh: boolean): Live {
  const changed = new Map(fresh ? undefined : state?.changed);
  let overview = state?.overview;
  let beat = state?.beat ?? 0;
  for (const event of events) {
    if (event.case === 'overview') {
      overview = event.value;
      beat += 1;
    } else if (event.case === 'monitorChanged') {
      changed.set(event.value.id, event.value);
    }
  }
  return { overview, changed, beat };
}

// The page's lists, loaded anew whenever the stream says that the counts have
// changed; the monitors in trouble themselves are followed live.
export function useOverview(workspaceId: string) {
  const load = useCallback(
    async (signal: AbortSignal): Promise<OverviewPage> => {
      const [glance, list] = await Promise.all([
        dashboardClient.getOverview({ workspaceId }, { signal }),
        monitorClient.listMonitors(
          { workspaceId, states: troubled, order: MonitorOrder.STATE, pageSize: mostTroubled },
          { signal },
        ),
      ]);
      const wrong = list.monitors.filter(({ state }) => troubled.includes(state));
      return { glance, troubled: wrong, troubledTotal: Math.max(list.total, wrong.length) };
    },
    [workspaceId],
  );
  const { value, error, reload } = useLoaded(load);

  const ids = value?.troubled.map(({ id }) => id).join(' ') ?? '';
  const request = useMemo(
    // An id that no monitor has: nobody is in trouble, and only the counts are wanted.
    () => ({ workspaceId, view: { case: 'monitorList' as const, value: { monitorIds: ids === '' ? ['0'] : ids.split(' ') } } }),
    [workspaceId, ids],
  );
  const watched = useWatch(request, fold);

  const beat = watched.state?.beat ?? 0;
  const first = useRef(true);
  useEffect(() => {
    // The first event repeats what has just been loaded.
    if (beat > 0 && !first.current) reload();
    if (beat > 0) first.current = false;
  }, [beat, reload]);
  useEffect(() => {
    const timer = setInterval(() => document.hidden || reload(), refreshMs);
    return () => clearInterval(timer);
  }, [reload]);

  const page = useMemo(() => {
    if (value === undefined) return undefined;
    const { overview, changed } = watched.state ?? { overview: undefined, changed: new Map<string, MonitorSummary>() };
    // What has recovered goes at once; what is new comes with the next list.
    const wrong = value.troubled.map((monitor) => changed.get(monitor.id) ?? monitor).filter(({ state }) => troubled.includes(state));
    return {
      glance: { ...value.glance, overview: overview ?? value.glance.overview },
      troubled: wrong,
      troubledTotal: value.troubledTotal - (value.troubled.length - wrong.length),
    };
  }, [value, watched.state]);

  return { page, error, reload, live: watched.live };
}
