import { useCallback, useEffect, useMemo, useRef, useState } from 'react';

import type { Overview } from '@/gen/openseer/v1/dashboard_service_pb';
import type { MonitorSummary } from '@/gen/openseer/v1/monitor_service_pb';
import type { WatchEvent } from '@/shared/api/keep-watching';
import { useWatch } from '@/shared/api/use-watch';

// Scrolling that goes on neither opens streams nor renders the page.
const settleMs = 250;

export interface LiveRows {
  changed: ReadonlyMap<string, MonitorSummary>;
  gone: ReadonlySet<string>;
  overview: Overview | undefined;
  // Grows when the counts of states change: rows may come, go or move.
  beat: number;
}

function fold(state: LiveRows | undefined, events: WatchEvent[]): LiveRows {
  const changed = new Map(state?.changed);
  const gone = new Set(state?.gone);
  let overview = state?.overview;
  let beat = state?.beat ?? 0;
  for (const event of events) {
    switch (event.case) {
      case 'monitorChanged':
        changed.set(event.value.id, event.value);
        break;
      case 'monitorDeleted':
        gone.add(event.value.monitorId);
        break;
      case 'overview':
        if (overview !== undefined) beat += 1;
        overview = event.value;
        break;
    }
  }
  return { changed, gone, overview, beat };
}

// Follows the monitors on the screen, as `follow` tells them, and the counts of all.
export function useLiveRows(workspaceId: string) {
  const [settled, setSettled] = useState('');
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const follow = useCallback((ids: readonly string[]) => {
    clearTimeout(timer.current);
    timer.current = setTimeout(() => setSettled(ids.join(' ')), settleMs);
  }, []);
  useEffect(() => () => clearTimeout(timer.current), []);

  const request = useMemo(
    // An id that no monitor has: nothing is on the screen yet, only counts are wanted.
    () => ({ workspaceId, view: { case: 'monitorList' as const, value: { monitorIds: settled === '' ? ['0'] : settled.split(' ') } } }),
    [workspaceId, settled],
  );
  const { state, live, error } = useWatch(request, fold);
  return { rows: state, live, error, follow };
}
