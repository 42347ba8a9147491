import { InstanceSettings } from '@/features/settings/instance-settings';
import { Shell } from '@/shared/layout/shell';
import { t } from '@/strings';

export default function InstanceRoute() {
  return (
    <Shell title={t().settings.instance}>
      <InstanceSettings />
    </Shell>
  );
}
