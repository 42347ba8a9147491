import type { MonitorSummary } from '@/gen/openseer/v1/monitor_service_pb';

export type ListItem = { kind: 'group'; tag: string; count: number } | { kind: 'monitor'; monitor: MonitorSummary; key: string };

// One item a monitor; by tag, a monitor stands under each of its tags and those
// without one come last (tag "").
export function listItems(monitors: readonly MonitorSummary[], byTag: boolean): ListItem[] {
  if (!byTag) return monitors.map((monitor) => ({ kind: 'monitor', monitor, key: monitor.id }));
  const groups = new Map<string, MonitorSummary[]>();
  for (const monitor of monitors) {
    for (const tag of monitor.tags.length === 0 ? [''] : monitor.tags) {
      const members = groups.get(tag);
      if (members === undefined) groups.set(tag, [monitor]);
      else members.push(monitor);
    }
  }
  return [...groups]
    .sort(([a], [b]) => Number(a === '') - Number(b === '') || a.localeCompare(b))
    .flatMap(([tag, members]): ListItem[] => [
      { kind: 'group', tag, count: members.length },
      ...members.map((monitor): ListItem => ({ kind: 'monitor', monitor, key: `${tag} ${monitor.id}` })),
    ]);
}
