import { type SubmitEvent, useCallback, useState } from 'react';

import { Button } from '@/components/ui/button';
import { Copyable } from '@/components/ui/copyable';
import { SelectField, TextField } from '@/components/ui/field';
import { LoadFailed, Notice } from '@/components/ui/notice';
import { Section } from '@/components/ui/section';
import { cell, headCell, Table } from '@/components/ui/table';
import { Time } from '@/components/ui/time';
import { useFocusInvalid } from '@/components/ui/use-focus-invalid';
import { Role } from '@/gen/openseer/v1/auth_service_pb';
import type { CreateInvitationResponse } from '@/gen/openseer/v1/invitation_service_pb';
import { invitationClient } from '@/shared/api/account-clients';
import { violationOf } from '@/shared/api/errors';
import { useAction } from '@/shared/api/use-action';
import { useLoaded } from '@/shared/api/use-loaded';
import { roleWords } from '@/shared/format/words';
import { useSignedIn } from '@/shared/session/session';
import { t } from '@/strings';

const roles = [Role.VIEWER, Role.EDITOR, Role.ADMIN, Role.OWNER];

// Links that let people in, each once.
export function Invitations() {
  const { workspaceId, role: mine } = useSignedIn();
  const load = useCallback(async (signal: AbortSignal) => (await invitationClient.listInvitations({ workspaceId }, { signal })).invitations, [workspaceId]);
  const { value, error, reload } = useLoaded(load);
  const [email, setEmail] = useState('');
  const [role, setRole] = useState(Role.EDITOR);
  const [created, setCreated] = useState<CreateInvitationResponse>();
  const invite = useAction(async () => {
    setCreated(undefined);
    setCreated(await invitationClient.createInvitation({ workspaceId, role, email: email.trim() }));
    setEmail('');
    reload();
  });
  const revoke = useAction(async (invitationId: string) => {
    await invitationClient.revokeInvitation({ workspaceId, invitationId });
    reload();
  });
  const form = useFocusInvalid(invite.refusal);
  const s = t().invitations;
  return (
    <Section title={s.title} hint={s.hint}>
      <form
        ref={form}
        noValidate
        className="grid items-start gap-4 sm:grid-cols-[2fr_1fr_auto]"
        onSubmit={(event: SubmitEvent) => {
          event.preventDefault();
          invite.run();
        }}
      >
        <TextField label={s.email} type="email" autoComplete="off" hint={s.emailHint} value={email} onValue={setEmail} error={violationOf(invite.refusal, 'email')} />
        <SelectField
          label={t().members.role}
          options={roles.filter((value) => value <= mine).map((value) => ({ value, text: roleWords(value) }))}
          value={role}
          onValue={setRole}
          error={violationOf(invite.refusal, 'role')}
        />
        <div className="sm:pt-6.5">
          <Button type="submit" look="primary" busy={invite.busy}>
            {s.invite}
          </Button>
        </div>
      </form>
      {invite.refusal.message !== '' && <Notice tone="error">{invite.refusal.message}</Notice>}
      {created !== undefined && (
        <div className="mt-4 flex flex-col gap-3">
          <Notice tone="ok">{created.mailed ? s.mailed : s.link}</Notice>
          <Copyable label={s.linkLabel} text={`${window.location.origin}/invitation#${created.secret}`} />
        </div>
      )}
      {error !== '' && <LoadFailed error={error} onRetry={reload} />}
      {value !== undefined && value.length > 0 && (
        <div className="mt-5">
          <Table label={s.open}>
            <thead>
              <tr>
                <th className={headCell}>{s.for}</th>
                <th className={headCell}>{t().members.role}</th>
                <th className={`${headCell} hidden sm:table-cell`}>{t().workers.expires}</th>
                <th className={headCell}>
                  <span className="sr-only">{t().workers.actions}</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {value.map((invitation) => (
                <tr key={invitation.id} className="border-t border-line">
                  <td className={`${cell} break-all`}>{invitation.email === '' ? s.anybody : invitation.email}</td>
                  <td className={cell}>{roleWords(invitation.role)}</td>
                  <td className={`${cell} hidden sm:table-cell`}>
                    <Time time={invitation.expiresAt} />
                  </td>
                  <td className={`${cell} text-right`}>
                    <Button size="sm" look="quiet" busy={revoke.busy} onClick={() => revoke.run(invitation.id)}>
                      {t().workers.revoke}
                    </Button>
                  </td>
                </tr>
              ))}
            </tbody>
          </Table>
        </div>
      )}
    </Section>
  );
}
