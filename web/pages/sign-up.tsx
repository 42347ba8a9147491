import { SignUpForm } from '@/features/auth/sign-up-form';
import { PlainPage } from '@/shared/layout/plain-page';
import { t } from '@/strings';

export default function SignUpRoute() {
  return (
    <PlainPage title={t().auth.signUp}>
      <SignUpForm />
    </PlainPage>
  );
}
