import { useState } from 'react';

import { Button } from '@/components/ui/button';
import { ConfirmDialog } from '@/components/ui/confirm-dialog';
import { LoadFailed, Loading } from '@/components/ui/notice';
import { Section } from '@/components/ui/section';
import { Ago, Time } from '@/components/ui/time';
import { toast } from '@/components/ui/toast';
import { sessionClient } from '@/shared/api/account-clients';
import { useAction } from '@/shared/api/use-action';
import { useLoaded } from '@/shared/api/use-loaded';
import { t } from '@/strings';

import { SettingsFrame } from './settings-frame';

const load = async (signal: AbortSignal) => (await sessionClient.listSessions({}, { signal })).sessions;

export function Sessions() {
  const { value, error, reload } = useLoaded(load);
  const [asking, setAsking] = useState(false);
  const revoke = useAction(async (sessionId: string) => {
    await sessionClient.revokeSession({ sessionId });
    reload();
  });
  const revokeOthers = useAction(async () => {
    const { revoked } = await sessionClient.revokeOtherSessions({});
    setAsking(false);
    toast(t().sessions.ended(revoked));
    reload();
  });
  const s = t().sessions;
  return (
    <SettingsFrame>
      <Section
        title={s.title}
        hint={s.hint}
        aside={value !== undefined && value.length > 1 && <Button onClick={() => setAsking(true)}>{s.endOthers}</Button>}
      >
        {error !== '' && <LoadFailed error={error} onRetry={reload} />}
        {value === undefined && error === '' && <Loading what={s.title} />}
        <ul className="divide-y divide-line">
          {value?.map((session) => (
            <li key={session.id} className="flex flex-wrap items-center justify-between gap-x-6 gap-y-2 py-3">
              <div className="min-w-0">
                <p className="font-medium">
                  {session.device === '' ? s.unknownDevice : session.device}
                  {session.current && <span className="ml-2 rounded-full px-2 py-0.5 text-xs font-medium text-up tinted">{s.current}</span>}
                </p>
                <p className="text-sm text-muted" title={session.userAgent}>
                  {session.address} · {s.lastSeen} <Ago time={session.lastSeenAt} />
                </p>
                <p className="text-sm text-muted">
                  {s.since} <Time time={session.createdAt} /> · {s.until} <Time time={session.expiresAt} form="day" />
                </p>
              </div>
              {!session.current && (
                <Button size="sm" look="caution" busy={revoke.busy} aria-label={s.endOf(session.device)} onClick={() => revoke.run(session.id)}>
                  {s.end}
                </Button>
              )}
            </li>
          ))}
        </ul>
      </Section>
      {asking && (
        <ConfirmDialog title={s.endOthersTitle} confirm={s.endOthers} busy={revokeOthers.busy} error={revokeOthers.refusal.message} onConfirm={revokeOthers.run} onClose={() => setAsking(false)}>
          {s.endOthersNote}
        </ConfirmDialog>
      )}
    </SettingsFrame>
  );
}
