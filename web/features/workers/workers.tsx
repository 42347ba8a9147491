import { useState } from 'react';

import type { EnrollmentToken, Worker } from '@/gen/openseer/v1/worker_service_pb';
import { workerClient } from '@/shared/api/client';
import { useLoaded } from '@/shared/api/use-loaded';
import { useSignedIn } from '@/shared/session/session';
import { Button } from '@/shared/ui/button';
import { ConfirmDialog } from '@/shared/ui/confirm-dialog';
import { LoadFailed, Loading, Notice } from '@/shared/ui/notice';
import { Section } from '@/shared/ui/section';
import { useAction } from '@/shared/ui/use-action';

import { AddWorker } from './add-worker';
import { TokenTable } from './token-table';
import { WorkerTable } from './worker-table';

const load = async (signal: AbortSignal) => {
  const [{ workers }, { tokens }] = await Promise.all([
    workerClient.listWorkers({}, { signal }),
    workerClient.listEnrollmentTokens({}, { signal }),
  ]);
  return { workers, tokens };
};

export function Workers() {
  const { user } = useSignedIn();
  if (!user.instanceOwner) return <Notice tone="info">Only the owner of this instance can see its workers.</Notice>;
  return <OwnersWorkers />;
}

// What is about to be revoked.
type Doomed = { worker: Worker } | { token: EnrollmentToken };

function OwnersWorkers() {
  const { value, error, reload } = useLoaded(load);
  const [doomed, setDoomed] = useState<Doomed>();

  return (
    <div className="flex flex-col gap-6">
      <div className="flex flex-wrap items-center justify-between gap-3">
        <h1 className="text-2xl font-semibold">Workers</h1>
        <Button onClick={reload}>Refresh</Button>
      </div>
      {error !== '' && <LoadFailed error={error} onRetry={reload} />}
      {value === undefined && error === '' && <Loading what="the workers" />}
      {value !== undefined && <WorkerTable workers={value.workers} onRevoke={(worker) => setDoomed({ worker })} />}
      <AddWorker onCreated={reload} />
      {value !== undefined && value.tokens.length > 0 && (
        <Section title="Open enrolment tokens">
          <TokenTable tokens={value.tokens} onRevoke={(token) => setDoomed({ token })} />
        </Section>
      )}
      {doomed !== undefined && (
        <RevokeDialog
          doomed={doomed}
          onClose={() => setDoomed(undefined)}
          onRevoked={() => {
            setDoomed(undefined);
            reload();
          }}
        />
      )}
    </div>
  );
}

function RevokeDialog({ doomed, onClose, onRevoked }: { doomed: Doomed; onClose: () => void; onRevoked: () => void }) {
  const revoke = useAction(async () => {
    if ('worker' in doomed) await workerClient.revokeWorker({ workerId: doomed.worker.id });
    else await workerClient.revokeEnrollmentToken({ tokenId: doomed.token.id });
    onRevoked();
  });
  return (
    <ConfirmDialog
      title={'worker' in doomed ? `Revoke ${doomed.worker.name}?` : 'Revoke this token?'}
      confirm="Revoke"
      busy={revoke.busy}
      error={revoke.refusal.message}
      onConfirm={revoke.run}
      onClose={onClose}
    >
      {'worker' in doomed
        ? 'It is disconnected within ten seconds and its certificate is never accepted again. To bring the machine back, enrol it anew.'
        : 'No further worker can enrol with it. Workers that already did stay.'}
    </ConfirmDialog>
  );
}
