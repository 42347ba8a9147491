import { timestampMs } from '@bufbuild/protobuf/wkt';

import type { Latency, UptimeWindow } from '@/gen/openseer/v1/metrics_service_pb';
import type { Monitor, MonitorSpec, MonitorSummary } from '@/gen/openseer/v1/monitor_service_pb';
import type { Result } from '@/gen/openseer/v1/result_pb';
import type { WatchEvent } from '@/shared/api/keep-watching';

export interface PageState {
  monitor: Monitor | undefined;
  // Newest first, without a hole.
  results: Result[];
  // Grows when `results` starts anew, so that what was loaded below it no
  // longer joins on.
  history: number;
  latency: Latency | undefined;
  windows: UptimeWindow[];
  deleted: boolean;
}

// A monitor as the server always sends it.
export type WholeMonitor = Monitor & { summary: MonitorSummary; spec: MonitorSpec };

export function isWhole(monitor: Monitor | undefined): monitor is WholeMonitor {
  return monitor?.summary !== undefined && monitor.spec !== undefined;
}

// More than that, and the oldest are forgotten; they can be loaded again.
const mostResults = 500;

const empty: PageState = { monitor: undefined, results: [], history: 0, latency: undefined, windows: [], deleted: false };

export function foldPage(state: PageState | undefined, events: WatchEvent[], fresh: boolean): PageState {
  const before = state ?? empty;
  const next: PageState = { ...before };
  const arrived: Result[] = [];
  for (const event of events) {
    switch (event.case) {
      case 'monitor':
        next.monitor = event.value;
        break;
      case 'results':
        arrived.push(...event.value.results);
        break;
      case 'latency':
        next.latency = event.value;
        break;
      case 'uptime':
        next.windows = event.value.windows;
        break;
      case 'monitorDeleted':
        next.deleted = true;
        break;
    }
  }
  if (arrived.length === 0) return next;

  const known = new Set(before.results.map(keyOf));
  const joins = !fresh || known.size === 0 || arrived.some((result) => known.has(keyOf(result)));
  const results = joins ? mergeResults(before.results, arrived) : mergeResults([], arrived);
  next.results = results.slice(0, mostResults);
  if (!joins || results.length > mostResults) next.history += 1;
  return next;
}

// Newest first, each slot of a region once.
export function mergeResults(some: readonly Result[], others: readonly Result[]): Result[] {
  const byKey = new Map<string, Result>();
  for (const result of [...some, ...others]) byKey.set(keyOf(result), result);
  return [...byKey.values()].sort((a, b) => slotMs(b) - slotMs(a) || a.region.localeCompare(b.region));
}

export function keyOf(result: Result): string {
  return `${result.region} ${slotMs(result)}`;
}

function slotMs(result: Result): number {
  return result.slot === undefined ? 0 : timestampMs(result.slot);
}
