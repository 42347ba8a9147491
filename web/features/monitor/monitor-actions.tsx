import { useRouter } from 'next/router';
import { useState } from 'react';

import { Button, ButtonLink, IconButton } from '@/components/ui/button';
import { ConfirmDialog } from '@/components/ui/confirm-dialog';
import { CopyIcon, DeleteIcon, MoreIcon, PauseIcon, PlayIcon } from '@/components/ui/icons';
import { Menu, MenuItem, MenuSeparator } from '@/components/ui/menu';
import { Notice } from '@/components/ui/notice';
import { MonitorState } from '@/gen/openseer/v1/monitor_service_pb';
import { monitorClient } from '@/shared/api/client';
import { useAction } from '@/shared/api/use-action';
import { useSignedIn } from '@/shared/session/session';
import { t } from '@/strings';

import type { WholeMonitor } from './page-state';

// What a press changes comes back through the page's stream.
export function MonitorActions({ monitor, onCheck }: { monitor: WholeMonitor; onCheck: () => void }) {
  const router = useRouter();
  const { workspaceId } = useSignedIn();
  const [deleting, setDeleting] = useState(false);
  const { id, state } = monitor.summary;
  const paused = state === MonitorState.PAUSED;
  const toggle = useAction(async () => {
    const request = { workspaceId, monitorId: id };
    await (paused ? monitorClient.resumeMonitor(request) : monitorClient.pauseMonitor(request));
  });
  const s = t().monitor;

  return (
    <div className="flex flex-col items-stretch gap-2">
      <div className="flex flex-wrap gap-2">
        <Button look="primary" onClick={onCheck}>
          <PlayIcon /> {s.checkNow}
        </Button>
        <Button busy={toggle.busy} onClick={toggle.run}>
          {paused ? <PlayIcon /> : <PauseIcon />} {paused ? s.resume : s.pause}
        </Button>
        <ButtonLink href={`/monitors/${id}/edit`}>{s.edit}</ButtonLink>
        <Menu
          trigger={
            <IconButton label={s.more} look="plain">
              <MoreIcon />
            </IconButton>
          }
        >
          <MenuItem icon={<CopyIcon />} onSelect={() => void router.push(`/monitors/new?from=${id}`)}>
            {s.duplicate}
          </MenuItem>
          <MenuSeparator />
          <MenuItem icon={<DeleteIcon />} caution onSelect={() => setDeleting(true)}>
            {s.delete}
          </MenuItem>
        </Menu>
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
    await router.push('/monitors');
  });
  return (
    <ConfirmDialog
      title={t().monitor.deleteTitle(monitor.summary.name)}
      confirm={t().monitor.deleteConfirm}
      busy={remove.busy}
      error={remove.refusal.message}
      onConfirm={remove.run}
      onClose={onClose}
    >
      {t().monitor.deleteText}
    </ConfirmDialog>
  );
}
