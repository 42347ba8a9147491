import { Profile } from '@/features/settings/profile';
import { Shell } from '@/shared/layout/shell';
import { t } from '@/strings';

export default function ProfileRoute() {
  return (
    <Shell title={t().settings.profile}>
      <Profile />
    </Shell>
  );
}
