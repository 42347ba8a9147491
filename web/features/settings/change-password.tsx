import { type SubmitEvent, useState } from 'react';

import { Button } from '@/components/ui/button';
import { PasswordField } from '@/components/ui/field';
import { Notice } from '@/components/ui/notice';
import { Section } from '@/components/ui/section';
import { useFocusInvalid } from '@/components/ui/use-focus-invalid';
import { userClient } from '@/shared/api/client';
import { violationOf } from '@/shared/api/errors';
import { useAction } from '@/shared/api/use-action';
import { useSignedIn } from '@/shared/session/session';
import { t } from '@/strings';

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
  const s = t().settings;

  const onSubmit = (event: SubmitEvent) => {
    event.preventDefault();
    change.run();
  };

  return (
    <Section title={t().auth.password}>
      <form ref={form} onSubmit={onSubmit} noValidate className="flex flex-col gap-4">
        {/* Tells password managers whose password this is. */}
        <input type="text" name="username" autoComplete="username" value={user.email} readOnly hidden />
        {change.refusal.message !== '' && <Notice tone="error">{change.refusal.message}</Notice>}
        {done && <Notice tone="ok">{s.passwordChanged}</Notice>}
        <PasswordField label={s.currentPassword} autoComplete="current-password" value={currentPassword} onValue={setCurrent} error={violationOf(change.refusal, 'current_password')} />
        <PasswordField label={s.newPassword} autoComplete="new-password" hint={s.passwordHint} value={newPassword} onValue={setNew} error={violationOf(change.refusal, 'new_password')} />
        <div>
          <Button type="submit" busy={change.busy}>
            {s.changePassword}
          </Button>
        </div>
      </form>
    </Section>
  );
}
