import { type SubmitEvent, useState } from 'react';

import { Button } from '@/components/ui/button';
import { PasswordField, SelectField, TextField } from '@/components/ui/field';
import { Notice } from '@/components/ui/notice';
import { Section } from '@/components/ui/section';
import { toast } from '@/components/ui/toast';
import { useFocusInvalid } from '@/components/ui/use-focus-invalid';
import { userClient } from '@/shared/api/client';
import { violationOf } from '@/shared/api/errors';
import { useAction } from '@/shared/api/use-action';
import { ThemeChoice } from '@/shared/layout/theme-choice';
import { useChooseLanguage } from '@/shared/preferences/language';
import { useSession, useSignedIn } from '@/shared/session/session';
import { language, languages, t } from '@/strings';

import { SettingsFrame } from './settings-frame';

export function Profile() {
  return (
    <SettingsFrame>
      <Name />
      <Email />
      <Appearance />
    </SettingsFrame>
  );
}

function Name() {
  const { user } = useSignedIn();
  const { refresh } = useSession();
  const [displayName, setDisplayName] = useState(user.displayName);
  const save = useAction(async () => {
    await userClient.updateProfile({ displayName });
    await refresh();
    toast(t().settings.saved);
  });
  const s = t().settings;
  return (
    <Section title={s.profile}>
      <form
        className="flex flex-col gap-4"
        noValidate
        onSubmit={(event: SubmitEvent) => {
          event.preventDefault();
          save.run();
        }}
      >
        {save.refusal.message !== '' && <Notice tone="error">{save.refusal.message}</Notice>}
        <TextField label={s.displayName} autoComplete="name" hint={s.displayNameHint} value={displayName} onValue={setDisplayName} error={violationOf(save.refusal, 'display_name')} />
        <div>
          <Button type="submit" busy={save.busy}>
            {s.save}
          </Button>
        </div>
      </form>
    </Section>
  );
}

function Email() {
  const { user } = useSignedIn();
  const { refresh } = useSession();
  const [newEmail, setNewEmail] = useState('');
  const [password, setPassword] = useState('');
  const change = useAction(async () => {
    await userClient.changeEmail({ newEmail, password });
    await refresh();
    setNewEmail('');
    setPassword('');
    toast(t().settings.emailChanged);
  });
  const form = useFocusInvalid(change.refusal);
  const s = t().settings;
  return (
    <Section title={s.email} hint={user.email}>
      <form
        ref={form}
        className="flex flex-col gap-4"
        noValidate
        onSubmit={(event: SubmitEvent) => {
          event.preventDefault();
          change.run();
        }}
      >
        {change.refusal.message !== '' && <Notice tone="error">{change.refusal.message}</Notice>}
        <TextField label={s.newEmail} type="email" autoComplete="email" value={newEmail} onValue={setNewEmail} error={violationOf(change.refusal, 'new_email')} />
        <PasswordField label={t().auth.password} autoComplete="current-password" value={password} onValue={setPassword} error={violationOf(change.refusal, 'password')} />
        <div>
          <Button type="submit" busy={change.busy} disabled={newEmail === ''}>
            {s.changeEmail}
          </Button>
        </div>
      </form>
    </Section>
  );
}

function Appearance() {
  const choose = useChooseLanguage();
  const s = t().settings;
  return (
    <Section title={s.appearance} hint={s.appearanceHint}>
      <div className="grid gap-4 sm:grid-cols-2 sm:items-end">
        <SelectField label={s.language} options={languages} value={language()} onValue={choose} />
        <div className="flex flex-col gap-1">
          <span className="font-medium">{t().theme.label}</span>
          <div className="flex">
            <ThemeChoice />
          </div>
        </div>
      </div>
    </Section>
  );
}
