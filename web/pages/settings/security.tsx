import { Security } from '@/features/settings/security';
import { Shell } from '@/shared/layout/shell';
import { t } from '@/strings';

export default function SecurityRoute() {
  return (
    <Shell title={t().settings.security}>
      <Security />
    </Shell>
  );
}
