import { useCallback, useState } from 'react';

import { Button } from '@/components/ui/button';
import { LoadFailed, Loading, Notice } from '@/components/ui/notice';
import { Empty, Section } from '@/components/ui/section';
import { Segmented } from '@/components/ui/segmented';
import { Time } from '@/components/ui/time';
import type { AuditEvent } from '@/gen/openseer/v1/audit_service_pb';
import { auditClient } from '@/shared/api/account-clients';
import { useAction } from '@/shared/api/use-action';
import { useLoaded } from '@/shared/api/use-loaded';
import { useSignedIn } from '@/shared/session/session';
import { t } from '@/strings';

import { SettingsFrame } from './settings-frame';

type Scope = 'workspace' | 'account' | 'instance';

const pageSize = 50;

interface Page {
  events: AuditEvent[];
  nextPageToken: string;
}

export function Audit() {
  const { user } = useSignedIn();
  const [scope, setScope] = useState<Scope>('workspace');
  const [object, setObject] = useState('');
  const s = t().audit;
  const scopes = (['workspace', 'account', ...(user.instanceOwner ? ['instance' as const] : [])] as const).map((value) => ({ value, text: s.scopes[value] }));
  return (
    <SettingsFrame>
      <Section title={s.title} hint={s.hint} aside={<Segmented label={s.scope} options={scopes} value={scope} onValue={setScope} />}>
        <input type="search" className="mb-3 max-w-72 control" placeholder={s.search} aria-label={s.search} value={object} onChange={(event) => setObject(event.target.value)} />
        <Events key={`${scope} ${object}`} scope={scope} object={object.trim()} />
      </Section>
    </SettingsFrame>
  );
}

function Events({ scope, object }: { scope: Scope; object: string }) {
  const { workspaceId } = useSignedIn();
  const list = useCallback(
    async (pageToken: string, signal?: AbortSignal): Promise<Page> => {
      const request = { filter: { object }, pageSize, pageToken };
      const options = signal === undefined ? {} : { signal };
      if (scope === 'workspace') return auditClient.listAuditEvents({ ...request, workspaceId }, options);
      return scope === 'account' ? auditClient.listAccountEvents(request, options) : auditClient.listInstanceEvents(request, options);
    },
    [scope, object, workspaceId],
  );
  const load = useCallback((signal: AbortSignal) => list('', signal), [list]);
  const { value, error, reload } = useLoaded(load);
  const [more, setMore] = useState<{ events: AuditEvent[]; token: string }>();
  const token = more?.token ?? value?.nextPageToken ?? '';
  const older = useAction(async () => {
    const page = await list(token);
    setMore({ events: [...(more?.events ?? []), ...page.events], token: page.nextPageToken });
  });
  const s = t().audit;
  if (error !== '') return <LoadFailed error={error} onRetry={reload} />;
  if (value === undefined) return <Loading what={s.title} />;
  const events = [...value.events, ...(more?.events ?? [])];
  if (events.length === 0) return <Empty title={s.none} />;
  return (
    <>
      <ol className="divide-y divide-line">
        {events.map((event) => (
          <Event key={event.id} event={event} />
        ))}
      </ol>
      {older.refusal.message !== '' && <Notice tone="error">{older.refusal.message}</Notice>}
      {token !== '' && (
        <div className="mt-3 text-center">
          <Button busy={older.busy} onClick={older.run}>
            {t().results.older}
          </Button>
        </div>
      )}
    </>
  );
}

function Event({ event }: { event: AuditEvent }) {
  const s = t().audit;
  return (
    <li className="grid gap-x-4 gap-y-0.5 py-2 text-sm sm:grid-cols-[11rem_minmax(0,1fr)_auto]">
      <Time time={event.time} className="text-muted tabular-nums" />
      <div className="min-w-0">
        <p className="break-words">
          <span className="font-medium">{event.actor?.name ?? s.nobody}</span>
          {event.actor !== undefined && event.actor.apiTokenName !== '' && <span className="text-muted"> ({s.byToken(event.actor.apiTokenName)})</span>}{' '}
          <code className="rounded bg-sunken px-1 font-mono text-xs">{event.action}</code> {event.objectName}
        </p>
        {event.changes.length > 0 && (
          <p className="break-words text-muted">
            {event.changes.map(({ field, before, after }) => (before === '' && after === '' ? field : `${field}: ${before === '' ? '–' : before} → ${after === '' ? '–' : after}`)).join(' · ')}
          </p>
        )}
      </div>
      <span className="text-muted" title={event.userAgent}>
        {event.address === '' ? s.commandLine : event.address}
      </span>
    </li>
  );
}
