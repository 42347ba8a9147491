import { useRouter } from 'next/router';
import { useCallback } from 'react';

import { monitorClient } from '@/shared/api/client';
import { useLoaded } from '@/shared/api/use-loaded';
import { useSignedIn } from '@/shared/session/session';
import { LoadFailed, Loading, Notice } from '@/shared/ui/notice';

import { MonitorForm } from './monitor-form';
import { draftOf } from './spec-form';

export function EditMonitor({ id }: { id: string }) {
  const router = useRouter();
  const { workspaceId, canEdit } = useSignedIn();
  const load = useCallback(
    async (signal: AbortSignal) => (await monitorClient.getMonitor({ workspaceId, monitorId: id }, { signal })).monitor,
    [workspaceId, id],
  );
  const { value: monitor, error, reload } = useLoaded(load);
  const page = `/monitors/${id}`;

  return (
    <div className="mx-auto flex max-w-3xl flex-col gap-5">
      <h1 className="text-2xl font-semibold break-words">{monitor?.summary === undefined ? 'Edit monitor' : `Edit ${monitor.summary.name}`}</h1>
      {!canEdit && <Notice tone="info">Your role in this workspace allows looking, not changing.</Notice>}
      {error !== '' && <LoadFailed error={error} onRetry={reload} />}
      {monitor === undefined && error === '' && <Loading what="the monitor" />}
      {canEdit && monitor?.spec !== undefined && (
        <MonitorForm
          initial={draftOf(monitor.spec)}
          submit="Save"
          cancelHref={page}
          onSave={async (spec) => {
            await monitorClient.updateMonitor({ workspaceId, monitorId: id, spec });
            await router.push(page);
          }}
        />
      )}
    </div>
  );
}
