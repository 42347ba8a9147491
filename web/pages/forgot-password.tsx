import { ForgotPassword } from '@/features/auth/forgot-password';
import { PlainPage } from '@/shared/layout/plain-page';
import { t } from '@/strings';

export default function ForgotPasswordRoute() {
  return (
    <PlainPage title={t().reset.title}>
      <ForgotPassword />
    </PlainPage>
  );
}
