import { Workers } from '@/features/workers/workers';
import { Shell } from '@/shared/layout/shell';
import { t } from '@/strings';

export default function WorkersRoute() {
  return (
    <Shell title={t().workers.title}>
      <Workers />
    </Shell>
  );
}
