import { type ReactNode, useEffect, useId, useRef } from 'react';

import { Button } from './button';
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

// Asks before something that cannot be undone. Rendered only while it is open;
// the browser keeps the focus inside and closes it on Escape.
export function ConfirmDialog({ title, children, confirm, busy, error, onConfirm, onClose }: ConfirmDialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();

  useEffect(() => {
    const element = dialog.current;
    element?.showModal();
    return () => element?.close();
  }, []);

  return (
    <dialog
      ref={dialog}
      aria-labelledby={`${id}-title`}
      aria-describedby={`${id}-text`}
      className="card m-auto w-[calc(100%-2rem)] max-w-md p-5 text-ink shadow-xl backdrop:bg-black/50"
      onCancel={(event) => {
        event.preventDefault();
        if (!busy) onClose();
      }}
    >
      <h2 id={`${id}-title`} className="text-lg font-semibold">
        {title}
      </h2>
      <div id={`${id}-text`} className="mt-2 text-muted">
        {children}
      </div>
      {error !== '' && (
        <div className="mt-3">
          <Notice tone="error">{error}</Notice>
        </div>
      )}
      <div className="mt-5 flex flex-wrap justify-end gap-2">
        <Button onClick={onClose} disabled={busy}>
          Cancel
        </Button>
        <Button look="danger" busy={busy} onClick={onConfirm}>
          {confirm}
        </Button>
      </div>
    </dialog>
  );
}
