import Link from 'next/link';
import { useRouter } from 'next/router';
import { type SubmitEvent, useEffect, useState } from 'react';

import { Button } from '@/components/ui/button';
import { PasswordField, TextField } from '@/components/ui/field';
import { Notice } from '@/components/ui/notice';
import { useFocusInvalid } from '@/components/ui/use-focus-invalid';
import { SignUpPolicy } from '@/gen/openseer/v1/auth_service_pb';
import { authClient } from '@/shared/api/client';
import { violationOf } from '@/shared/api/errors';
import { useAction } from '@/shared/api/use-action';
import { useSession } from '@/shared/session/session';
import { t } from '@/strings';

import { SecondFactor } from './second-factor';
import { useInstance } from './use-instance';
import { useLeaveWhenSignedIn } from './use-leave-when-signed-in';

export function SignInForm() {
  const router = useRouter();
  const { enter } = useSession();
  const { value: instance } = useInstance();
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const [secondStep, setSecondStep] = useState(false);
  const signIn = useAction(async () => {
    const { user, memberships, secondFactorRequired } = await authClient.signIn({ email, password });
    if (secondFactorRequired) setSecondStep(true);
    else enter(user, memberships);
  });
  const form = useFocusInvalid(signIn.refusal);

  useLeaveWhenSignedIn();

  // An instance without accounts has nobody to sign in.
  const needsOwner = instance?.needsOwner === true;
  useEffect(() => {
    if (needsOwner) void router.replace('/sign-up');
    // eslint-disable-next-line react-hooks/exhaustive-deps -- the router's identity does not matter
  }, [needsOwner]);

  const onSubmit = (event: SubmitEvent) => {
    event.preventDefault();
    signIn.run();
  };

  if (secondStep) return <SecondFactor onRestart={() => setSecondStep(false)} />;
  const s = t().auth;
  return (
    <form ref={form} onSubmit={onSubmit} noValidate className="flex flex-col gap-4">
      <h1 className="text-lg font-semibold tracking-tight">{s.signIn}</h1>
      {signIn.refusal.message !== '' && <Notice tone="error">{signIn.refusal.message}</Notice>}
      <TextField
        label={s.email}
        type="email"
        name="email"
        autoComplete="username"
        value={email}
        onValue={setEmail}
        error={violationOf(signIn.refusal, 'email')}
        required
      />
      <PasswordField
        label={s.password}
        name="password"
        autoComplete="current-password"
        value={password}
        onValue={setPassword}
        error={violationOf(signIn.refusal, 'password')}
        required
      />
      <Button type="submit" look="primary" busy={signIn.busy}>
        {signIn.busy ? s.signingIn : s.signIn}
      </Button>
      <p className="text-center text-sm text-muted">
        <Link href="/forgot-password" className="text-accent underline underline-offset-2">
          {s.forgot}
        </Link>
      </p>
      {instance?.signUp === SignUpPolicy.OPEN && (
        <p className="text-center text-sm text-muted">
          {s.noAccount}{' '}
          <Link href="/sign-up" className="text-accent underline underline-offset-2">
            {s.signUp}
          </Link>
        </p>
      )}
    </form>
  );
}
