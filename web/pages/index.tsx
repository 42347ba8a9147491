import { MonitorList } from '@/features/monitors/monitor-list';
import { Shell } from '@/shared/layout/shell';

export default function MonitorsPage() {
  return (
    <Shell title="Monitors">
      <MonitorList />
    </Shell>
  );
}
