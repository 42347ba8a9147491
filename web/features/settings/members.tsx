import { useCallback, useState } from 'react';

import { Button } from '@/components/ui/button';
import { ConfirmDialog } from '@/components/ui/confirm-dialog';
import { LoadFailed, Loading, Notice } from '@/components/ui/notice';
import { Section } from '@/components/ui/section';
import { cell, headCell, Table } from '@/components/ui/table';
import { Time } from '@/components/ui/time';
import { Role } from '@/gen/openseer/v1/auth_service_pb';
import type { Member } from '@/gen/openseer/v1/workspace_service_pb';
import { workspaceClient } from '@/shared/api/account-clients';
import { useAction } from '@/shared/api/use-action';
import { useLoaded } from '@/shared/api/use-loaded';
import { roleWords } from '@/shared/format/words';
import { useSession, useSignedIn } from '@/shared/session/session';
import { t } from '@/strings';

import { Invitations } from './invitations';
import { SettingsFrame } from './settings-frame';
import { Workspace } from './workspace';

const roles = [Role.VIEWER, Role.EDITOR, Role.ADMIN, Role.OWNER];

export function Members() {
  const { workspaceId, canAdminister } = useSignedIn();
  const { refresh } = useSession();
  const load = useCallback(async (signal: AbortSignal) => (await workspaceClient.listMembers({ workspaceId }, { signal })).members, [workspaceId]);
  const { value, error, reload } = useLoaded(load);
  const [doomed, setDoomed] = useState<Member>();
  const changeRole = useAction(async (userId: string, role: Role) => {
    await workspaceClient.changeMemberRole({ workspaceId, userId, role });
    reload();
    await refresh();
  });
  const remove = useAction(async (userId: string) => {
    await workspaceClient.removeMember({ workspaceId, userId });
    setDoomed(undefined);
    reload();
  });
  const s = t().members;
  return (
    <SettingsFrame>
      <Workspace />
      <Section title={s.title} hint={s.rolesNote}>
        {error !== '' && <LoadFailed error={error} onRetry={reload} />}
        {value === undefined && error === '' && <Loading what={s.title} />}
        {changeRole.refusal.message !== '' && <Notice tone="error">{changeRole.refusal.message}</Notice>}
        {value !== undefined && (
          <Table label={s.title}>
            <thead>
              <tr>
                <th className={headCell}>{s.member}</th>
                <th className={headCell}>{s.role}</th>
                <th className={`${headCell} hidden sm:table-cell`}>{s.twoFactor}</th>
                <th className={`${headCell} hidden md:table-cell`}>{s.joined}</th>
                <th className={headCell}>
                  <span className="sr-only">{t().workers.actions}</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {value.map((member) => (
                <Row key={member.userId} member={member} busy={changeRole.busy} onRole={(role) => changeRole.run(member.userId, role)} onRemove={() => setDoomed(member)} />
              ))}
            </tbody>
          </Table>
        )}
      </Section>
      {canAdminister && <Invitations />}
      {doomed !== undefined && (
        <ConfirmDialog
          title={s.removeTitle(doomed.email)}
          confirm={s.remove}
          busy={remove.busy}
          error={remove.refusal.message}
          onConfirm={() => remove.run(doomed.userId)}
          onClose={() => setDoomed(undefined)}
        >
          {s.removeNote}
        </ConfirmDialog>
      )}
    </SettingsFrame>
  );
}

interface RowProps {
  member: Member;
  busy: boolean;
  onRole: (role: Role) => void;
  onRemove: () => void;
}

function Row({ member, busy, onRole, onRemove }: RowProps) {
  const { user, role: mine, canAdminister } = useSignedIn();
  const s = t().members;
  // Nobody touches those above them; the server enforces it.
  const may = canAdminister && member.role <= mine;
  return (
    <tr className="border-t border-line">
      <th scope="row" className={`${cell} text-left font-medium break-all`}>
        {member.displayName === '' ? member.email : member.displayName}
        {member.displayName !== '' && <span className="block text-sm font-normal text-muted">{member.email}</span>}
      </th>
      <td className={cell}>
        {may ? (
          <select
            aria-label={s.roleOf(member.email)}
            className="w-auto py-1 control"
            disabled={busy}
            value={member.role}
            onChange={(event) => onRole(roles.find((role) => String(role) === event.target.value) ?? member.role)}
          >
            {roles
              .filter((role) => role <= mine)
              .map((role) => (
                <option key={role} value={role}>
                  {roleWords(role)}
                </option>
              ))}
          </select>
        ) : (
          roleWords(member.role)
        )}
      </td>
      <td className={`${cell} hidden sm:table-cell`}>{member.twoFactor ? s.yes : s.no}</td>
      <td className={`${cell} hidden md:table-cell`}>
        <Time time={member.joinedAt} form="day" />
      </td>
      <td className={`${cell} text-right`}>
        {may && member.userId !== user.id && (
          <Button size="sm" look="quiet" aria-label={s.removeOf(member.email)} onClick={onRemove}>
            {s.remove}
          </Button>
        )}
      </td>
    </tr>
  );
}
