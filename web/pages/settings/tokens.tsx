import { ApiTokens } from '@/features/settings/api-tokens';
import { Shell } from '@/shared/layout/shell';
import { t } from '@/strings';

export default function TokensRoute() {
  return (
    <Shell title={t().settings.tokens}>
      <ApiTokens />
    </Shell>
  );
}
