import { create } from '@bufbuild/protobuf';
import { DurationSchema } from '@bufbuild/protobuf/wkt';
import { type SubmitEvent, useCallback, useState } from 'react';

import { Button } from '@/components/ui/button';
import { ConfirmDialog } from '@/components/ui/confirm-dialog';
import { Copyable } from '@/components/ui/copyable';
import { SelectField, TextField } from '@/components/ui/field';
import { LoadFailed, Loading, Notice } from '@/components/ui/notice';
import { Empty, Section } from '@/components/ui/section';
import { cell, headCell, Table } from '@/components/ui/table';
import { Ago, Time } from '@/components/ui/time';
import { useFocusInvalid } from '@/components/ui/use-focus-invalid';
import type { ApiToken, CreateApiTokenResponse } from '@/gen/openseer/v1/api_token_service_pb';
import { Role } from '@/gen/openseer/v1/auth_service_pb';
import { apiTokenClient } from '@/shared/api/account-clients';
import { violationOf } from '@/shared/api/errors';
import { useAction } from '@/shared/api/use-action';
import { useLoaded } from '@/shared/api/use-loaded';
import { roleWords } from '@/shared/format/words';
import { useSignedIn } from '@/shared/session/session';
import { t } from '@/strings';

import { SettingsFrame } from './settings-frame';

const day = 86_400;
const lifetimes = { month: 30 * day, quarter: 90 * day, year: 365 * day, never: 0 } as const;
type Lifetime = keyof typeof lifetimes;

export function ApiTokens() {
  const { workspaceId } = useSignedIn();
  const load = useCallback(async (signal: AbortSignal) => (await apiTokenClient.listApiTokens({ workspaceId }, { signal })).tokens, [workspaceId]);
  const { value, error, reload } = useLoaded(load);
  const [doomed, setDoomed] = useState<ApiToken>();
  const revoke = useAction(async (tokenId: string) => {
    await apiTokenClient.revokeApiToken({ workspaceId, tokenId });
    setDoomed(undefined);
    reload();
  });
  const s = t().tokens;
  return (
    <SettingsFrame>
      <NewToken onCreated={reload} />
      <Section title={s.title}>
        {error !== '' && <LoadFailed error={error} onRetry={reload} />}
        {value === undefined && error === '' && <Loading what={s.title} />}
        {value?.length === 0 && <Empty title={s.none} />}
        {value !== undefined && value.length > 0 && (
          <Table label={s.title}>
            <thead>
              <tr>
                <th className={headCell}>{s.name}</th>
                <th className={headCell}>{s.role}</th>
                <th className={`${headCell} hidden md:table-cell`}>{s.creator}</th>
                <th className={`${headCell} hidden sm:table-cell`}>{s.lastUsed}</th>
                <th className={`${headCell} hidden sm:table-cell`}>{s.expires}</th>
                <th className={headCell}>
                  <span className="sr-only">{t().workers.actions}</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {value.map((token) => (
                <tr key={token.id} className="border-t border-line">
                  <th scope="row" className={`${cell} text-left font-medium`}>
                    {token.name}
                    <span className="block font-mono text-xs font-normal text-muted">{token.prefix}…</span>
                  </th>
                  <td className={cell}>{roleWords(token.role)}</td>
                  <td className={`${cell} hidden break-all md:table-cell`}>{token.creatorEmail}</td>
                  <td className={`${cell} hidden sm:table-cell`}>
                    <Ago time={token.lastUsedAt} />
                  </td>
                  <td className={`${cell} hidden sm:table-cell`}>{token.expiresAt === undefined ? s.lifetimes.never : <Time time={token.expiresAt} form="day" />}</td>
                  <td className={`${cell} text-right`}>
                    <Button size="sm" look="quiet" aria-label={s.revokeOf(token.name)} onClick={() => setDoomed(token)}>
                      {t().workers.revoke}
                    </Button>
                  </td>
                </tr>
              ))}
            </tbody>
          </Table>
        )}
      </Section>
      {doomed !== undefined && (
        <ConfirmDialog
          title={s.revokeTitle(doomed.name)}
          confirm={t().workers.revoke}
          busy={revoke.busy}
          error={revoke.refusal.message}
          onConfirm={() => revoke.run(doomed.id)}
          onClose={() => setDoomed(undefined)}
        >
          {s.revokeNote}
        </ConfirmDialog>
      )}
    </SettingsFrame>
  );
}

function NewToken({ onCreated }: { onCreated: () => void }) {
  const { workspaceId, role: mine } = useSignedIn();
  const [name, setName] = useState('');
  const [role, setRole] = useState(Role.VIEWER);
  const [lifetime, setLifetime] = useState<Lifetime>('quarter');
  const [created, setCreated] = useState<CreateApiTokenResponse>();
  const make = useAction(async () => {
    setCreated(undefined);
    const seconds = lifetimes[lifetime];
    const answer = await apiTokenClient.createApiToken({
      workspaceId,
      name,
      role,
      ...(seconds === 0 ? {} : { lifetime: create(DurationSchema, { seconds: BigInt(seconds) }) }),
    });
    setCreated(answer);
    setName('');
    onCreated();
  });
  const form = useFocusInvalid(make.refusal);
  const s = t().tokens;
  return (
    <Section title={s.create} hint={s.createNote}>
      <form
        ref={form}
        noValidate
        className="grid items-start gap-4 sm:grid-cols-[2fr_1fr_1fr_auto]"
        onSubmit={(event: SubmitEvent) => {
          event.preventDefault();
          make.run();
        }}
      >
        <TextField label={s.name} autoComplete="off" placeholder={s.namePlaceholder} value={name} onValue={setName} error={violationOf(make.refusal, 'name')} />
        <SelectField
          label={s.role}
          options={[Role.VIEWER, Role.EDITOR, Role.ADMIN].filter((value) => value <= mine).map((value) => ({ value, text: roleWords(value) }))}
          value={role}
          onValue={setRole}
          error={violationOf(make.refusal, 'role')}
        />
        <SelectField
          label={t().workers.validFor}
          options={(Object.keys(lifetimes) as Lifetime[]).map((value) => ({ value, text: s.lifetimes[value] }))}
          value={lifetime}
          onValue={setLifetime}
          error={violationOf(make.refusal, 'lifetime')}
        />
        <div className="sm:pt-6.5">
          <Button type="submit" look="primary" busy={make.busy}>
            {t().workers.create}
          </Button>
        </div>
      </form>
      {make.refusal.message !== '' && <Notice tone="error">{make.refusal.message}</Notice>}
      {created !== undefined && (
        <div className="mt-4 flex flex-col gap-3">
          <Notice tone="ok">{t().workers.shownOnce}</Notice>
          <Copyable label={s.secret} text={created.secret} />
        </div>
      )}
    </Section>
  );
}
