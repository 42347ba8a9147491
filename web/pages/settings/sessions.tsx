import { Sessions } from '@/features/settings/sessions';
import { Shell } from '@/shared/layout/shell';
import { t } from '@/strings';

export default function SessionsRoute() {
  return (
    <Shell title={t().settings.sessions}>
      <Sessions />
    </Shell>
  );
}
