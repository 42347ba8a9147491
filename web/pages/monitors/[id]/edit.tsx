import { EditMonitor } from '@/features/monitor/edit-monitor';
import { Shell } from '@/shared/layout/shell';
import { usePathId } from '@/shared/layout/use-path-id';

export default function EditMonitorRoute() {
  const id = usePathId();
  return <Shell title="Edit monitor">{id !== undefined && <EditMonitor key={id} id={id} />}</Shell>;
}
