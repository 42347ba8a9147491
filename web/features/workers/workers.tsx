import { useMemo, useState } from 'react';

import { ConfirmDialog } from '@/components/ui/confirm-dialog';
import { ConnectionBanner } from '@/components/ui/connection-banner';
import { LoadFailed, Notice } from '@/components/ui/notice';
import { PageHead, Section, Skeleton } from '@/components/ui/section';
import type { EnrollmentToken, Region, Worker } from '@/gen/openseer/v1/worker_service_pb';
import { workerClient } from '@/shared/api/client';
import { describeError } from '@/shared/api/errors';
import type { WatchEvent } from '@/shared/api/keep-watching';
import { useAction } from '@/shared/api/use-action';
import { useLoaded } from '@/shared/api/use-loaded';
import { useWatch } from '@/shared/api/use-watch';
import { useSignedIn } from '@/shared/session/session';
import { t } from '@/strings';

import { AddWorker } from './add-worker';
import { TokenTable } from './token-table';
import { WorkerTable } from './worker-table';

export function Workers() {
  const { user } = useSignedIn();
  if (!user.instanceOwner) return <Notice tone="info">{t().workers.ownerOnly}</Notice>;
  return <OwnersWorkers />;
}

interface State {
  regions: Region[];
  workers: Worker[];
}

function fold(state: State | undefined, events: WatchEvent[]): State {
  let next = state ?? { regions: [], workers: [] };
  for (const event of events) {
    if (event.case === 'workers') next = { regions: event.value.regions, workers: event.value.workers };
  }
  return next;
}

const loadTokens = async (signal: AbortSignal) => (await workerClient.listEnrollmentTokens({}, { signal })).tokens;

// What is about to be revoked.
type Doomed = { worker: Worker } | { token: EnrollmentToken };

function OwnersWorkers() {
  const { workspaceId } = useSignedIn();
  const request = useMemo(() => ({ workspaceId, view: { case: 'workerList' as const, value: {} } }), [workspaceId]);
  const { state, live, error } = useWatch(request, fold);
  const tokens = useLoaded(loadTokens);
  const [doomed, setDoomed] = useState<Doomed>();
  const s = t().workers;

  return (
    <>
      <PageHead title={s.title} note={s.note} />
      <div className="flex flex-col gap-4">
        {error !== undefined && <Notice tone="error">{describeError(error)}</Notice>}
        {state === undefined && error === undefined && <Skeleton className="h-48" />}
        {state !== undefined && <WorkerTable workers={state.workers} regions={state.regions} onRevoke={(worker) => setDoomed({ worker })} />}
        <AddWorker onCreated={tokens.reload} />
        {tokens.error !== '' && <LoadFailed error={tokens.error} onRetry={tokens.reload} />}
        {tokens.value !== undefined && tokens.value.length > 0 && (
          <Section title={s.tokens}>
            <TokenTable tokens={tokens.value} onRevoke={(token) => setDoomed({ token })} />
          </Section>
        )}
      </div>
      {doomed !== undefined && (
        <RevokeDialog
          doomed={doomed}
          onClose={() => setDoomed(undefined)}
          onRevoked={() => {
            setDoomed(undefined);
            tokens.reload();
          }}
        />
      )}
      <ConnectionBanner live={live} />
    </>
  );
}

function RevokeDialog({ doomed, onClose, onRevoked }: { doomed: Doomed; onClose: () => void; onRevoked: () => void }) {
  const revoke = useAction(async () => {
    if ('worker' in doomed) await workerClient.revokeWorker({ workerId: doomed.worker.id });
    else await workerClient.revokeEnrollmentToken({ tokenId: doomed.token.id });
    onRevoked();
  });
  const s = t().workers;
  return (
    <ConfirmDialog
      title={'worker' in doomed ? s.revokeTitle(doomed.worker.name) : s.revokeTokenTitle}
      confirm={s.revoke}
      busy={revoke.busy}
      error={revoke.refusal.message}
      onConfirm={revoke.run}
      onClose={onClose}
    >
      {'worker' in doomed ? s.revokeNote : s.revokeTokenNote}
    </ConfirmDialog>
  );
}
