import { Settings } from '@/features/settings/settings';
import { Shell } from '@/shared/layout/shell';

export default function SettingsPage() {
  return (
    <Shell title="Settings">
      <Settings />
    </Shell>
  );
}
