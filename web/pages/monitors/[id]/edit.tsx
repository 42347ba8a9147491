import { EditMonitor } from '@/features/monitor-form/edit-monitor';
import { Shell } from '@/shared/layout/shell';
import { usePathId } from '@/shared/layout/use-path-id';
import { t } from '@/strings';

export default function EditMonitorRoute() {
  const id = usePathId();
  return <Shell title={t().form.edit}>{id !== undefined && <EditMonitor key={id} id={id} />}</Shell>;
}
