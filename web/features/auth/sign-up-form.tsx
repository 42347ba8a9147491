import Link from 'next/link';
import { type ReactNode, type SubmitEvent, useState } from 'react';

import { Button, ButtonLink } from '@/components/ui/button';
import { PasswordField, TextField } from '@/components/ui/field';
import { LoadFailed, Loading, Notice } from '@/components/ui/notice';
import { useFocusInvalid } from '@/components/ui/use-focus-invalid';
import { type Instance, SignUpPolicy } from '@/gen/openseer/v1/auth_service_pb';
import { authClient } from '@/shared/api/client';
import { violationOf } from '@/shared/api/errors';
import { useAction } from '@/shared/api/use-action';
import { useSession } from '@/shared/session/session';
import { t } from '@/strings';

import { useInstance } from './use-instance';
import { useLeaveWhenSignedIn } from './use-leave-when-signed-in';

export function SignUpForm() {
  const instance = useInstance();
  useLeaveWhenSignedIn();

  if (instance.value !== undefined) {
    const { needsOwner, signUp } = instance.value;
    return needsOwner || signUp === SignUpPolicy.OPEN ? <Form instance={instance.value} /> : <Closed byInvitation={signUp === SignUpPolicy.INVITATION} />;
  }
  return instance.error === '' ? <Loading what={t().auth.signUp} /> : <LoadFailed error={instance.error} onRetry={instance.reload} />;
}

function Closed({ byInvitation }: { byInvitation: boolean }) {
  const s = t().auth;
  return (
    <>
      <h1 className="text-lg font-semibold tracking-tight">{byInvitation ? s.byInvitation : s.closed}</h1>
      <p className="mt-2 mb-5 text-muted">{byInvitation ? s.byInvitationNote : s.closedNote}</p>
      <ButtonLink href="/sign-in">{s.backToSignIn}</ButtonLink>
    </>
  );
}

function Form({ instance }: { instance: Instance }) {
  const s = t().auth;
  return (
    <NewAccount title={instance.needsOwner ? s.welcome : s.createTitle} note={instance.needsOwner ? s.welcomeNote : s.createNote}>
      {!instance.needsOwner && (
        <p className="text-center text-sm text-muted">
          {s.haveAccount}{' '}
          <Link href="/sign-in" className="text-accent underline underline-offset-2">
            {s.signIn}
          </Link>
        </p>
      )}
    </NewAccount>
  );
}

interface NewAccountProps {
  title: string;
  note: string;
  // Of an invitation that names one: it cannot be another.
  email?: string;
  invitation?: string;
  // Called before the session is entered.
  onCreated?: () => void;
  children?: ReactNode;
}

export function NewAccount({ title, note, email: invited = '', invitation = '', onCreated, children }: NewAccountProps) {
  const { enter } = useSession();
  const [email, setEmail] = useState(invited);
  const [password, setPassword] = useState('');
  const signUp = useAction(async () => {
    const { user, memberships } = await authClient.signUp({ email, password, invitationToken: invitation });
    onCreated?.();
    enter(user, memberships);
  });
  const form = useFocusInvalid(signUp.refusal);
  const s = t().auth;

  const onSubmit = (event: SubmitEvent) => {
    event.preventDefault();
    signUp.run();
  };

  return (
    <form ref={form} onSubmit={onSubmit} noValidate className="flex flex-col gap-4">
      <div>
        <h1 className="text-lg font-semibold tracking-tight">{title}</h1>
        <p className="mt-1 text-muted">{note}</p>
      </div>
      {signUp.refusal.message !== '' && <Notice tone="error">{signUp.refusal.message}</Notice>}
      <TextField
        label={s.email}
        type="email"
        name="email"
        autoComplete="username"
        readOnly={invited !== ''}
        value={email}
        onValue={setEmail}
        error={violationOf(signUp.refusal, 'email')}
        required
      />
      <PasswordField
        label={s.password}
        name="password"
        autoComplete="new-password"
        hint={s.passwordHint}
        value={password}
        onValue={setPassword}
        error={violationOf(signUp.refusal, 'password')}
        required
      />
      <Button type="submit" look="primary" busy={signUp.busy}>
        {signUp.busy ? s.creating : s.create}
      </Button>
      {children}
    </form>
  );
}
