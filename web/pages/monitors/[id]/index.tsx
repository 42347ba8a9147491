import { MonitorPage } from '@/features/monitor/monitor-page';
import { Shell } from '@/shared/layout/shell';
import { usePathId } from '@/shared/layout/use-path-id';

export default function MonitorRoute() {
  const id = usePathId();
  return <Shell title="Monitor">{id !== undefined && <MonitorPage key={id} id={id} />}</Shell>;
}
