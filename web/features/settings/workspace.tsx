import { type SubmitEvent, useState } from 'react';

import { Button } from '@/components/ui/button';
import { ConfirmDialog } from '@/components/ui/confirm-dialog';
import { Dialog } from '@/components/ui/dialog';
import { TextField } from '@/components/ui/field';
import { Notice } from '@/components/ui/notice';
import { Section } from '@/components/ui/section';
import { toast } from '@/components/ui/toast';
import { Role } from '@/gen/openseer/v1/auth_service_pb';
import { workspaceClient } from '@/shared/api/account-clients';
import { violationOf } from '@/shared/api/errors';
import { useAction } from '@/shared/api/use-action';
import { useSession, useSignedIn } from '@/shared/session/session';
import { t } from '@/strings';

// The workspace's name, another workspace, and the ways out of this one.
export function Workspace() {
  const { workspaceId, workspaceName, role, canAdminister, memberships } = useSignedIn();
  const { refresh, choose } = useSession();
  const [name, setName] = useState(workspaceName);
  const [asking, setAsking] = useState<'create' | 'leave' | 'delete'>();
  const rename = useAction(async () => {
    await workspaceClient.renameWorkspace({ workspaceId, name });
    await refresh();
    toast(t().settings.saved);
  });
  const leave = useAction(async () => {
    await workspaceClient.leaveWorkspace({ workspaceId });
    setAsking(undefined);
    await refresh();
  });
  const s = t().workspace;
  return (
    <Section title={s.title} aside={<Button size="sm" onClick={() => setAsking('create')}>{s.create}</Button>}>
      <form
        noValidate
        className="flex flex-wrap items-end gap-2"
        onSubmit={(event: SubmitEvent) => {
          event.preventDefault();
          rename.run();
        }}
      >
        <div className="min-w-56 flex-1">
          <TextField label={t().form.name} autoComplete="off" disabled={!canAdminister} value={name} onValue={setName} error={violationOf(rename.refusal, 'name')} />
        </div>
        {canAdminister && (
          <Button type="submit" busy={rename.busy} disabled={name === workspaceName}>
            {s.rename}
          </Button>
        )}
        {memberships.length > 1 && <Button onClick={() => setAsking('leave')}>{s.leave}</Button>}
        {role === Role.OWNER && memberships.length > 1 && (
          <Button look="caution" onClick={() => setAsking('delete')}>
            {s.delete}
          </Button>
        )}
      </form>
      {rename.refusal.message !== '' && <Notice tone="error">{rename.refusal.message}</Notice>}
      {asking === 'leave' && (
        <ConfirmDialog title={s.leaveTitle(workspaceName)} confirm={s.leave} busy={leave.busy} error={leave.refusal.message} onConfirm={leave.run} onClose={() => setAsking(undefined)}>
          {s.leaveNote}
        </ConfirmDialog>
      )}
      {asking === 'create' && (
        <NameDialog
          title={s.create}
          label={t().form.name}
          confirm={s.create}
          onName={async (wanted) => {
            const { membership } = await workspaceClient.createWorkspace({ name: wanted });
            await refresh();
            if (membership !== undefined) choose(membership.workspaceId);
          }}
          onClose={() => setAsking(undefined)}
        />
      )}
      {asking === 'delete' && (
        <NameDialog
          title={s.deleteTitle(workspaceName)}
          note={s.deleteNote}
          label={s.typeName}
          confirm={s.delete}
          danger
          onName={async (typed) => {
            await workspaceClient.deleteWorkspace({ workspaceId, name: typed });
            await refresh();
          }}
          onClose={() => setAsking(undefined)}
        />
      )}
    </Section>
  );
}

interface NameDialogProps {
  title: string;
  note?: string;
  label: string;
  confirm: string;
  danger?: boolean;
  onName: (name: string) => Promise<void>;
  onClose: () => void;
}

function NameDialog({ title, note, label, confirm, danger = false, onName, onClose }: NameDialogProps) {
  const [name, setName] = useState('');
  const go = useAction(async () => {
    await onName(name);
    onClose();
  });
  return (
    <Dialog title={title} description={note} onClose={onClose}>
      <form
        noValidate
        className="flex flex-col gap-4"
        onSubmit={(event: SubmitEvent) => {
          event.preventDefault();
          go.run();
        }}
      >
        {go.refusal.message !== '' && <Notice tone="error">{go.refusal.message}</Notice>}
        <TextField label={label} autoComplete="off" value={name} onValue={setName} error={violationOf(go.refusal, 'name')} />
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>{t().ui.cancel}</Button>
          <Button type="submit" look={danger ? 'danger' : 'primary'} busy={go.busy}>
            {confirm}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
