import { useRouter } from 'next/router';

import { MonitorsPage } from '@/features/monitors/monitors-page';
import { Shell } from '@/shared/layout/shell';
import { t } from '@/strings';

export default function MonitorsRoute() {
  // The address says what is listed; it is known only once the page runs.
  const { isReady } = useRouter();
  return <Shell title={t().monitors.title}>{isReady && <MonitorsPage />}</Shell>;
}
