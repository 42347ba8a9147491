import type { Overview } from '@/gen/openseer/v1/dashboard_service_pb';
import { MonitorState, type MonitorSummary } from '@/gen/openseer/v1/monitor_service_pb';
import type { WatchEvent } from '@/shared/api/keep-watching';

export interface ListState {
  monitors: ReadonlyMap<string, MonitorSummary>;
  overview: Overview | undefined;
}

export function foldList(state: ListState | undefined, events: WatchEvent[], fresh: boolean): ListState {
  const monitors = new Map(fresh ? undefined : state?.monitors);
  let overview = fresh ? undefined : state?.overview;
  for (const event of events) {
    switch (event.case) {
      case 'monitorChanged':
        monitors.set(event.value.id, event.value);
        break;
      case 'monitorDeleted':
        monitors.delete(event.value.monitorId);
        break;
      case 'overview':
        overview = event.value;
        break;
    }
  }
  return { monitors, overview };
}

// What needs somebody comes first.
const urgency: readonly MonitorState[] = [
  MonitorState.DOWN,
  MonitorState.DEGRADED,
  MonitorState.NO_DATA,
  MonitorState.PENDING,
  MonitorState.UP,
  MonitorState.PAUSED,
];
const names = new Intl.Collator(undefined, { numeric: true });

export function selectMonitors(monitors: Iterable<MonitorSummary>, state: MonitorState | undefined, text: string): MonitorSummary[] {
  const wanted = text.trim().toLowerCase();
  return [...monitors]
    .filter((monitor) => state === undefined || monitor.state === state)
    .filter((monitor) => monitor.name.toLowerCase().includes(wanted) || monitor.url.toLowerCase().includes(wanted))
    .sort(
      (a, b) =>
        urgency.indexOf(a.state) - urgency.indexOf(b.state) || names.compare(a.name, b.name) || names.compare(a.id, b.id),
    );
}
