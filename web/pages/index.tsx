import { OverviewPage } from '@/features/overview/overview-page';
import { Shell } from '@/shared/layout/shell';
import { t } from '@/strings';

export default function OverviewRoute() {
  return (
    <Shell title={t().overview.title}>
      <OverviewPage />
    </Shell>
  );
}
