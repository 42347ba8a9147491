import { useSignedIn } from '@/shared/session/session';
import { formatDay } from '@/shared/format/time';
import { Section } from '@/shared/ui/section';

import { ChangePassword } from './change-password';
import { InstanceSettings } from './instance-settings';

export function Settings() {
  const { user, workspaceName } = useSignedIn();
  return (
    <div className="mx-auto flex max-w-2xl flex-col gap-6">
      <h1 className="text-2xl font-semibold">Settings</h1>
      <Section title="Profile">
        <dl className="grid grid-cols-[auto_1fr] gap-x-6 gap-y-2">
          <dt className="text-muted">E-mail</dt>
          <dd className="break-words">{user.email}</dd>
          <dt className="text-muted">Workspace</dt>
          <dd className="break-words">{workspaceName}</dd>
          <dt className="text-muted">Since</dt>
          <dd>{formatDay(user.createdAt)}</dd>
        </dl>
      </Section>
      <ChangePassword />
      {user.instanceOwner && <InstanceSettings />}
    </div>
  );
}
