import Link from 'next/link';
import { useRouter } from 'next/router';
import { type SubmitEvent, useEffect, useState } from 'react';

import { SignUpPolicy } from '@/gen/openseer/v1/auth_service_pb';
import { authClient } from '@/shared/api/client';
import { violationOf } from '@/shared/api/errors';
import { useSession } from '@/shared/session/session';
import { Button } from '@/shared/ui/button';
import { PasswordField, TextField } from '@/shared/ui/field';
import { Notice } from '@/shared/ui/notice';
import { useAction } from '@/shared/ui/use-action';
import { useFocusInvalid } from '@/shared/ui/use-focus-invalid';

import { useInstance } from './use-instance';
import { useLeaveWhenSignedIn } from './use-leave-when-signed-in';

export function SignInForm() {
  const router = useRouter();
  const { enter } = useSession();
  const { value: instance } = useInstance();
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const signIn = useAction(async () => {
    const { user, memberships } = await authClient.signIn({ email, password });
    enter(user, memberships);
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

  return (
    <form ref={form} onSubmit={onSubmit} noValidate className="flex flex-col gap-4">
      <h1 className="text-xl font-semibold">Sign in</h1>
      {signIn.refusal.message !== '' && <Notice tone="error">{signIn.refusal.message}</Notice>}
      <TextField
        label="E-mail"
        type="email"
        name="email"
        autoComplete="username"
        value={email}
        onValue={setEmail}
        error={violationOf(signIn.refusal, 'email')}
        required
      />
      <PasswordField
        label="Password"
        name="password"
        autoComplete="current-password"
        value={password}
        onValue={setPassword}
        error={violationOf(signIn.refusal, 'password')}
        required
      />
      <Button type="submit" look="primary" busy={signIn.busy}>
        {signIn.busy ? 'Signing in…' : 'Sign in'}
      </Button>
      {instance?.signUp === SignUpPolicy.OPEN && (
        <p className="text-center text-sm text-muted">
          No account yet?{' '}
          <Link href="/sign-up" className="text-accent underline underline-offset-2">
            Sign up
          </Link>
        </p>
      )}
    </form>
  );
}
