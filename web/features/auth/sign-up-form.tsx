import Link from 'next/link';
import { type SubmitEvent, useState } from 'react';

import { type Instance, SignUpPolicy } from '@/gen/openseer/v1/auth_service_pb';
import { authClient } from '@/shared/api/client';
import { violationOf } from '@/shared/api/errors';
import { useSession } from '@/shared/session/session';
import { Button, ButtonLink } from '@/shared/ui/button';
import { PasswordField, TextField } from '@/shared/ui/field';
import { LoadFailed, Loading, Notice } from '@/shared/ui/notice';
import { useAction } from '@/shared/ui/use-action';
import { useFocusInvalid } from '@/shared/ui/use-focus-invalid';

import { useInstance } from './use-instance';
import { useLeaveWhenSignedIn } from './use-leave-when-signed-in';

export function SignUpForm() {
  const instance = useInstance();
  useLeaveWhenSignedIn();

  if (instance.value !== undefined) {
    return instance.value.needsOwner || instance.value.signUp === SignUpPolicy.OPEN ? <Form instance={instance.value} /> : <Closed />;
  }
  return instance.error === '' ? <Loading what="sign-up" /> : <LoadFailed error={instance.error} onRetry={instance.reload} />;
}

function Closed() {
  return (
    <>
      <h1 className="text-xl font-semibold">Sign-up is closed</h1>
      <p className="mt-2 mb-5 text-muted">The owner of this instance has not opened it to new accounts. Ask them to open sign-up in the settings.</p>
      <ButtonLink href="/sign-in">Back to sign-in</ButtonLink>
    </>
  );
}

function Form({ instance }: { instance: Instance }) {
  const { enter } = useSession();
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const signUp = useAction(async () => {
    const { user, memberships } = await authClient.signUp({ email, password });
    enter(user, memberships);
  });
  const form = useFocusInvalid(signUp.refusal);

  const onSubmit = (event: SubmitEvent) => {
    event.preventDefault();
    signUp.run();
  };

  return (
    <form ref={form} onSubmit={onSubmit} noValidate className="flex flex-col gap-4">
      <div>
        <h1 className="text-xl font-semibold">{instance.needsOwner ? 'Welcome to OpenSeer' : 'Create your account'}</h1>
        <p className="mt-1 text-muted">
          {instance.needsOwner
            ? 'This is a new instance. The account you create now owns it: it decides who else may sign up and which workers may join.'
            : 'You get a workspace of your own for your monitors.'}
        </p>
      </div>
      {signUp.refusal.message !== '' && <Notice tone="error">{signUp.refusal.message}</Notice>}
      <TextField
        label="E-mail"
        type="email"
        name="email"
        autoComplete="username"
        value={email}
        onValue={setEmail}
        error={violationOf(signUp.refusal, 'email')}
        required
      />
      <PasswordField
        label="Password"
        name="password"
        autoComplete="new-password"
        hint="8 to 128 characters. A few unrelated words make a good one."
        value={password}
        onValue={setPassword}
        error={violationOf(signUp.refusal, 'password')}
        required
      />
      <Button type="submit" look="primary" busy={signUp.busy}>
        {signUp.busy ? 'Creating the account…' : 'Create account'}
      </Button>
      {!instance.needsOwner && (
        <p className="text-center text-sm text-muted">
          Have an account?{' '}
          <Link href="/sign-in" className="text-accent underline underline-offset-2">
            Sign in
          </Link>
        </p>
      )}
    </form>
  );
}
