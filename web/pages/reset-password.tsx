import { ResetPassword } from '@/features/auth/forgot-password';
import { PlainPage } from '@/shared/layout/plain-page';
import { t } from '@/strings';

export default function ResetPasswordRoute() {
  return (
    <PlainPage title={t().reset.newTitle}>
      <ResetPassword />
    </PlainPage>
  );
}
