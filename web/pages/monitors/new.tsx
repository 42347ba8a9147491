import { useRouter } from 'next/router';

import { AddMonitor } from '@/features/monitor-form/add-monitor';
import { Shell } from '@/shared/layout/shell';
import { t } from '@/strings';

export default function AddMonitorRoute() {
  const { isReady, query } = useRouter();
  return <Shell title={t().form.add}>{isReady && <AddMonitor from={typeof query.from === 'string' ? query.from : undefined} />}</Shell>;
}
