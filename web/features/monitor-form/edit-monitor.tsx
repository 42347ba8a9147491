import { useRouter } from 'next/router';
import { useCallback } from 'react';

import { LoadFailed, Loading, Notice } from '@/components/ui/notice';
import { PageHead } from '@/components/ui/section';
import { monitorClient } from '@/shared/api/client';
import { useLoaded } from '@/shared/api/use-loaded';
import { useSignedIn } from '@/shared/session/session';
import { t } from '@/strings';

import { MonitorForm } from './monitor-form';
import { draftOf } from './spec-form';
import type { Check } from './use-live-violations';

export function EditMonitor({ id }: { id: string }) {
  const router = useRouter();
  const { workspaceId, canEdit } = useSignedIn();
  const load = useCallback(
    async (signal: AbortSignal) => {
      const { monitor } = await monitorClient.getMonitor({ workspaceId, monitorId: id }, { signal });
      return monitor?.spec === undefined ? undefined : { name: monitor.spec.name, draft: draftOf(monitor.spec) };
    },
    [workspaceId, id],
  );
  const check = useCallback<Check>(
    (spec, signal) => monitorClient.updateMonitor({ workspaceId, monitorId: id, spec, validateOnly: true }, { signal }),
    [workspaceId, id],
  );
  const { value, error, reload } = useLoaded(load);
  const page = `/monitors/${id}`;
  const s = t().form;

  return (
    <div className="mx-auto max-w-3xl">
      <PageHead title={value === undefined ? s.edit : s.editOf(value.name)} />
      {!canEdit && <Notice tone="info">{s.mayNotChange}</Notice>}
      {error !== '' && <LoadFailed error={error} onRetry={reload} />}
      {value === undefined && error === '' && <Loading what={t().monitors.monitor} />}
      {canEdit && value !== undefined && (
        <MonitorForm
          initial={value.draft}
          monitorId={id}
          submit={s.save}
          cancelHref={page}
          onCheck={check}
          onSave={async (spec) => {
            await monitorClient.updateMonitor({ workspaceId, monitorId: id, spec });
            await router.push(page);
          }}
        />
      )}
    </div>
  );
}
