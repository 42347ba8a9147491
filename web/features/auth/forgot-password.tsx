import Link from 'next/link';
import { type SubmitEvent, useState } from 'react';

import { Button, ButtonLink } from '@/components/ui/button';
import { PasswordField, TextField } from '@/components/ui/field';
import { Loading, Notice } from '@/components/ui/notice';
import { useFocusInvalid } from '@/components/ui/use-focus-invalid';
import { authClient } from '@/shared/api/client';
import { violationOf } from '@/shared/api/errors';
import { useAction } from '@/shared/api/use-action';
import { t } from '@/strings';

import { useFragment } from './use-fragment';
import { useInstance } from './use-instance';

// Where a mail server is configured, asks for a link; otherwise says what the
// operator can do.
export function ForgotPassword() {
  const { value: instance } = useInstance();
  const [email, setEmail] = useState('');
  const [sent, setSent] = useState(false);
  const request = useAction(async () => {
    await authClient.requestPasswordReset({ email });
    setSent(true);
  });
  const form = useFocusInvalid(request.refusal);
  const s = t().reset;
  if (instance === undefined) return <Loading what={s.title} />;
  return (
    <form
      ref={form}
      noValidate
      className="flex flex-col gap-4"
      onSubmit={(event: SubmitEvent) => {
        event.preventDefault();
        request.run();
      }}
    >
      <h1 className="text-lg font-semibold tracking-tight">{s.title}</h1>
      {!instance.passwordResetByMail && (
        <>
          <p className="text-muted">{s.operator}</p>
          <code className="block rounded-lg bg-sunken px-3 py-2 font-mono text-sm break-all">openseer user reset-password you@example.com</code>
        </>
      )}
      {instance.passwordResetByMail && sent && <Notice tone="ok">{s.sent}</Notice>}
      {instance.passwordResetByMail && !sent && (
        <>
          <p className="text-muted">{s.note}</p>
          {request.refusal.message !== '' && <Notice tone="error">{request.refusal.message}</Notice>}
          <TextField label={t().auth.email} type="email" autoComplete="username" value={email} onValue={setEmail} error={violationOf(request.refusal, 'email')} />
          <Button type="submit" look="primary" busy={request.busy}>
            {s.send}
          </Button>
        </>
      )}
      <p className="text-center text-sm">
        <Link href="/sign-in" className="text-accent underline underline-offset-2">
          {t().auth.backToSignIn}
        </Link>
      </p>
    </form>
  );
}

// Where the link leads.
export function ResetPassword() {
  const token = useFragment();
  const [newPassword, setNewPassword] = useState('');
  const [done, setDone] = useState(false);
  const reset = useAction(async () => {
    await authClient.resetPassword({ token: token ?? '', newPassword });
    setDone(true);
  });
  const form = useFocusInvalid(reset.refusal);
  const s = t().reset;
  if (token === undefined) return <Loading what={s.title} />;
  if (done) {
    return (
      <div className="flex flex-col gap-4">
        <h1 className="text-lg font-semibold tracking-tight">{s.done}</h1>
        <p className="text-muted">{s.doneNote}</p>
        <ButtonLink href="/sign-in" look="primary">
          {t().auth.signIn}
        </ButtonLink>
      </div>
    );
  }
  return (
    <form
      ref={form}
      noValidate
      className="flex flex-col gap-4"
      onSubmit={(event: SubmitEvent) => {
        event.preventDefault();
        reset.run();
      }}
    >
      <h1 className="text-lg font-semibold tracking-tight">{s.newTitle}</h1>
      {reset.refusal.message !== '' && <Notice tone="error">{reset.refusal.message}</Notice>}
      <PasswordField
        label={t().settings.newPassword}
        autoComplete="new-password"
        hint={t().auth.passwordHint}
        value={newPassword}
        onValue={setNewPassword}
        error={violationOf(reset.refusal, 'new_password')}
      />
      <Button type="submit" look="primary" busy={reset.busy}>
        {s.set}
      </Button>
      <p className="text-center text-sm">
        <Link href="/forgot-password" className="text-accent underline underline-offset-2">
          {s.again}
        </Link>
      </p>
    </form>
  );
}
