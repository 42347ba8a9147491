import { useRouter } from 'next/router';
import { useState } from 'react';

import { MonitorState } from '@/gen/openseer/v1/monitor_service_pb';
import { monitorClient } from '@/shared/api/client';
import { useSignedIn } from '@/shared/session/session';
import { Button, ButtonLink } from '@/shared/ui/button';
import { ConfirmDialog } from '@/shared/ui/confirm-dialog';
import { Notice } from '@/shared/ui/notice';
import { useAction } from '@/shared/ui/use-action';

import type { WholeMonitor } from './page-state';

// What a press changes comes back through the page's stream.
export function MonitorActions({ monitor }: { monitor: WholeMonitor }) {
  const { workspaceId } = useSignedIn();
  const [deleting, setDeleting] = useState(false);
  const { id, state } = monitor.summary;
  const paused = state === MonitorState.PAUSED;
  const toggle = useAction(async () => {
    const request = { workspaceId, monitorId: id };
    await (paused ? monitorClient.resumeMonitor(request) : monitorClient.pauseMonitor(request));
  });

  return (
    <div className="flex flex-col items-stretch gap-2">
      <div className="flex flex-wrap gap-2">
        <Button busy={toggle.busy} onClick={toggle.run}>
          {paused ? 'Resume' : 'Pause'}
        </Button>
        <ButtonLink href={`/monitors/${id}/edit`}>Edit</ButtonLink>
        <Button look="caution" onClick={() => setDeleting(true)}>
          Delete
        </Button>
      </div>
      {toggle.refusal.message !== '' && <Notice tone="error">{toggle.refusal.message}</Notice>}
      {deleting && <DeleteDialog monitor={monitor} onClose={() => setDeleting(false)} />}
    </div>
  );
}

function DeleteDialog({ monitor, onClose }: { monitor: WholeMonitor; onClose: () => void }) {
  const router = useRouter();
  const { workspaceId } = useSignedIn();
  const remove = useAction(async () => {
    await monitorClient.deleteMonitor({ workspaceId, monitorId: monitor.summary.id });
    await router.push('/');
  });
  return (
    <ConfirmDialog
      title={`Delete ${monitor.summary.name}?`}
      confirm="Delete monitor"
      busy={remove.busy}
      error={remove.refusal.message}
      onConfirm={remove.run}
      onClose={onClose}
    >
      Checking stops, and its results and history are deleted with it. This cannot be undone.
    </ConfirmDialog>
  );
}
