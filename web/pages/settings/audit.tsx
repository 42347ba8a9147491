import { Audit } from '@/features/settings/audit';
import { Shell } from '@/shared/layout/shell';
import { t } from '@/strings';

export default function AuditRoute() {
  return (
    <Shell title={t().settings.audit}>
      <Audit />
    </Shell>
  );
}
