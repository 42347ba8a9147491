import { MonitorPage } from '@/features/monitor/monitor-page';
import { Shell } from '@/shared/layout/shell';
import { usePathId } from '@/shared/layout/use-path-id';
import { t } from '@/strings';

export default function MonitorRoute() {
  const id = usePathId();
  return <Shell title={t().monitors.monitor}>{id !== undefined && <MonitorPage key={id} id={id} />}</Shell>;
}
