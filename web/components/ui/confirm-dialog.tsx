import type { ReactNode } from 'react';

import { t } from '@/strings';

import { Button } from './button';
import { Dialog } from './dialog';
import { Notice } from './notice';

interface ConfirmDialogProps {
  title: string;
  children: ReactNode;
  confirm: string;
  busy: boolean;
  // One sentence; empty when nothing went wrong.
  error: string;
  onConfirm: () => void;
  onClose: () => void;
}

// Asks before something that cannot be undone.
export function ConfirmDialog({ title, children, confirm, busy, error, onConfirm, onClose }: ConfirmDialogProps) {
  return (
    <Dialog title={title} description={children} onClose={() => busy || onClose()}>
      {error !== '' && <Notice tone="error">{error}</Notice>}
      <div className="mt-4 flex flex-wrap justify-end gap-2">
        <Button onClick={onClose} disabled={busy}>
          {t().ui.cancel}
        </Button>
        <Button look="danger" busy={busy} onClick={onConfirm}>
          {confirm}
        </Button>
      </div>
    </Dialog>
  );
}
