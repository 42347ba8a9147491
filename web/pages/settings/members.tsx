import { Members } from '@/features/settings/members';
import { Shell } from '@/shared/layout/shell';
import { t } from '@/strings';

export default function MembersRoute() {
  return (
    <Shell title={t().settings.members}>
      <Members />
    </Shell>
  );
}
