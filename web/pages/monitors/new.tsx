import { AddMonitor } from '@/features/monitor/add-monitor';
import { Shell } from '@/shared/layout/shell';

export default function NewMonitorPage() {
  return (
    <Shell title="Add a monitor">
      <AddMonitor />
    </Shell>
  );
}
