import { useRouter } from 'next/router';

import { monitorClient } from '@/shared/api/client';
import { useSignedIn } from '@/shared/session/session';
import { Notice } from '@/shared/ui/notice';

import { MonitorForm } from './monitor-form';
import { newDraft } from './spec-form';

export function AddMonitor() {
  const router = useRouter();
  const { workspaceId, canEdit } = useSignedIn();
  return (
    <div className="mx-auto flex max-w-3xl flex-col gap-5">
      <h1 className="text-2xl font-semibold">Add a monitor</h1>
      {canEdit ? (
        <MonitorForm
          initial={newDraft}
          submit="Add monitor"
          cancelHref="/"
          onSave={async (spec) => {
            const { monitor } = await monitorClient.createMonitor({ workspaceId, spec });
            // Its page, where the first result is about to arrive.
            await router.push(`/monitors/${monitor?.summary?.id ?? ''}?range=1h`);
          }}
        />
      ) : (
        <Notice tone="info">Your role in this workspace allows looking, not adding.</Notice>
      )}
    </div>
  );
}
