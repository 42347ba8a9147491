import { type SubmitEvent, useState } from 'react';

import { userClient } from '@/shared/api/client';
import { violationOf } from '@/shared/api/errors';
import { useSignedIn } from '@/shared/session/session';
import { Button } from '@/shared/ui/button';
import { PasswordField } from '@/shared/ui/field';
import { Notice } from '@/shared/ui/notice';
import { Section } from '@/shared/ui/section';
import { useAction } from '@/shared/ui/use-action';
import { useFocusInvalid } from '@/shared/ui/use-focus-invalid';

export function ChangePassword() {
  const { user } = useSignedIn();
  const [currentPassword, setCurrent] = useState('');
  const [newPassword, setNew] = useState('');
  const [done, setDone] = useState(false);
  const change = useAction(async () => {
    setDone(false);
    await userClient.changePassword({ currentPassword, newPassword });
    setCurrent('');
    setNew('');
    setDone(true);
  });
  const form = useFocusInvalid(change.refusal);

  const onSubmit = (event: SubmitEvent) => {
    event.preventDefault();
    change.run();
  };

  return (
    <Section title="Password">
      <form ref={form} onSubmit={onSubmit} noValidate className="flex flex-col gap-4">
        {/* Tells password managers whose password this is. */}
        <input type="text" name="username" autoComplete="username" value={user.email} readOnly hidden />
        {change.refusal.message !== '' && <Notice tone="error">{change.refusal.message}</Notice>}
        {done && <Notice tone="ok">Password changed. Every other session of yours was signed out.</Notice>}
        <PasswordField
          label="Current password"
          autoComplete="current-password"
          value={currentPassword}
          onValue={setCurrent}
          error={violationOf(change.refusal, 'current_password')}
          required
        />
        <PasswordField
          label="New password"
          autoComplete="new-password"
          hint="8 to 128 characters."
          value={newPassword}
          onValue={setNew}
          error={violationOf(change.refusal, 'new_password')}
          required
        />
        <div>
          <Button type="submit" look="primary" busy={change.busy}>
            Change password
          </Button>
        </div>
      </form>
    </Section>
  );
}
