import { useRouter } from 'next/router';
import { useCallback } from 'react';

import { LoadFailed, Loading, Notice } from '@/components/ui/notice';
import { PageHead } from '@/components/ui/section';
import { monitorClient } from '@/shared/api/client';
import { useLoaded } from '@/shared/api/use-loaded';
import { useSignedIn } from '@/shared/session/session';
import { t } from '@/strings';

import { MonitorForm } from './monitor-form';
import { draftOf, newDraft, type SpecDraft } from './spec-form';
import type { Check } from './use-live-violations';

// `from` is the monitor to be duplicated; its secrets stay with it.
export function AddMonitor({ from }: { from: string | undefined }) {
  const { canEdit } = useSignedIn();
  return (
    <div className="mx-auto max-w-3xl">
      <PageHead title={t().form.add} />
      {!canEdit ? <Notice tone="info">{t().form.mayNotAdd}</Notice> : from === undefined ? <New initial={newDraft} /> : <Duplicate from={from} />}
    </div>
  );
}

function Duplicate({ from }: { from: string }) {
  const { workspaceId } = useSignedIn();
  const load = useCallback(
    async (signal: AbortSignal) => {
      const { monitor } = await monitorClient.getMonitor({ workspaceId, monitorId: from }, { signal });
      return monitor?.spec === undefined ? newDraft : withoutSecrets(draftOf(monitor.spec));
    },
    [workspaceId, from],
  );
  const { value, error, reload } = useLoaded(load);
  if (error !== '') return <LoadFailed error={error} onRetry={reload} />;
  return value === undefined ? <Loading what={t().monitors.monitor} /> : <New initial={value} duplicate />;
}

function withoutSecrets(draft: SpecDraft): SpecDraft {
  return {
    ...draft,
    name: t().form.copyOf(draft.name),
    headers: draft.headers.map((header) => ({ ...header, stored: false })),
    auth: { ...draft.auth, stored: 'none' },
  };
}

function New({ initial, duplicate = false }: { initial: SpecDraft; duplicate?: boolean }) {
  const router = useRouter();
  const { workspaceId } = useSignedIn();
  const check = useCallback<Check>((spec, signal) => monitorClient.createMonitor({ workspaceId, spec, validateOnly: true }, { signal }), [workspaceId]);
  return (
    <>
      {duplicate && (
        <div className="mb-4">
          <Notice tone="info">{t().form.duplicateNote}</Notice>
        </div>
      )}
      <MonitorForm
        initial={initial}
        submit={t().monitors.add}
        cancelHref="/monitors"
        onCheck={check}
        onSave={async (spec) => {
          const { monitor } = await monitorClient.createMonitor({ workspaceId, spec });
          // Its page, where the first result is about to arrive.
          await router.push(`/monitors/${monitor?.summary?.id ?? ''}?range=1h`);
        }}
      />
    </>
  );
}
