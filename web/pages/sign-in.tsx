import { SignInForm } from '@/features/auth/sign-in-form';
import { PlainPage } from '@/shared/layout/plain-page';
import { t } from '@/strings';

export default function SignInRoute() {
  return (
    <PlainPage title={t().auth.signIn}>
      <SignInForm />
    </PlainPage>
  );
}
