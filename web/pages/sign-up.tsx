import { SignUpForm } from '@/features/auth/sign-up-form';
import { PlainPage } from '@/shared/layout/plain-page';

export default function SignUpPage() {
  return (
    <PlainPage title="Sign up">
      <SignUpForm />
    </PlainPage>
  );
}
