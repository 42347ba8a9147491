import { SignInForm } from '@/features/auth/sign-in-form';
import { PlainPage } from '@/shared/layout/plain-page';

export default function SignInPage() {
  return (
    <PlainPage title="Sign in">
      <SignInForm />
    </PlainPage>
  );
}
