import { useState } from 'react';

import { Button } from '@/components/ui/button';
import { ConfirmDialog } from '@/components/ui/confirm-dialog';
import { Dialog } from '@/components/ui/dialog';
import { TextField } from '@/components/ui/field';
import { DeleteIcon, PauseIcon, PlayIcon, TagIcon } from '@/components/ui/icons';
import { Notice } from '@/components/ui/notice';
import type { MonitorSummary } from '@/gen/openseer/v1/monitor_service_pb';
import { useAction } from '@/shared/api/use-action';
import { useSignedIn } from '@/shared/session/session';
import { t } from '@/strings';

import { type BulkAction, changeMonitors } from './bulk';

interface BulkBarProps {
  selected: ReadonlySet<string>;
  monitors: readonly MonitorSummary[];
  // How many match the filters.
  total: number;
  onAll: () => void;
  onClear: () => void;
  onDone: () => void;
}

// What can be done with all that are selected.
export function BulkBar({ selected, monitors, total, onAll, onClear, onDone }: BulkBarProps) {
  const { workspaceId } = useSignedIn();
  const [asking, setAsking] = useState<'delete' | 'tag'>();
  const ids = [...selected];
  const s = t().bulk;
  const run = useAction(async (action: BulkAction) => {
    await changeMonitors(workspaceId, ids, action);
    setAsking(undefined);
    if (action.case === 'delete') onClear();
    onDone();
  });

  return (
    <div role="group" aria-label={s.label} className="sticky top-12 z-10 mb-3 flex flex-wrap items-center gap-2 px-3 py-2 floating lg:top-2">
      <span className="mr-1 font-medium tabular-nums" role="status">
        {s.selected(selected.size)}
      </span>
      {selected.size < total && (
        <Button size="sm" look="quiet" onClick={onAll}>
          {s.all(total)}
        </Button>
      )}
      <Button size="sm" busy={run.busy} onClick={() => run.run({ case: 'pause', value: {} })}>
        <PauseIcon /> {t().monitor.pause}
      </Button>
      <Button size="sm" busy={run.busy} onClick={() => run.run({ case: 'resume', value: {} })}>
        <PlayIcon /> {t().monitor.resume}
      </Button>
      <Button size="sm" onClick={() => setAsking('tag')}>
        <TagIcon /> {s.tag}
      </Button>
      <Button size="sm" look="caution" onClick={() => setAsking('delete')}>
        <DeleteIcon /> {t().monitor.delete}
      </Button>
      <Button size="sm" look="quiet" className="ml-auto" onClick={onClear}>
        {s.clear}
      </Button>
      {run.refusal.message !== '' && asking === undefined && <Notice tone="error">{run.refusal.message}</Notice>}
      {asking === 'delete' && (
        <ConfirmDialog
          title={s.deleteTitle(selected.size)}
          confirm={t().monitor.delete}
          busy={run.busy}
          error={run.refusal.message}
          onConfirm={() => run.run({ case: 'delete', value: {} })}
          onClose={() => setAsking(undefined)}
        >
          {t().monitor.deleteText}
        </ConfirmDialog>
      )}
      {asking === 'tag' && (
        <TagDialog
          tags={[...new Set(monitors.filter(({ id }) => selected.has(id)).flatMap((monitor) => monitor.tags))]}
          busy={run.busy}
          error={run.refusal.message === '' ? Object.values(run.refusal.fields).join(' ') : run.refusal.message}
          onAdd={(tag) => run.run({ case: 'tag', value: { add: [tag] } })}
          onRemove={(tag) => run.run({ case: 'tag', value: { remove: [tag] } })}
          onClose={() => setAsking(undefined)}
        />
      )}
    </div>
  );
}

interface TagDialogProps {
  tags: string[];
  busy: boolean;
  error: string;
  onAdd: (tag: string) => void;
  onRemove: (tag: string) => void;
  onClose: () => void;
}

function TagDialog({ tags, busy, error, onAdd, onRemove, onClose }: TagDialogProps) {
  const [tag, setTag] = useState('');
  const s = t().bulk;
  return (
    <Dialog title={s.tagTitle} onClose={onClose}>
      {error !== '' && <Notice tone="error">{error}</Notice>}
      <form
        className="flex items-end gap-2"
        onSubmit={(event) => {
          event.preventDefault();
          if (tag.trim() !== '') onAdd(tag.trim());
        }}
      >
        <div className="flex-1">
          <TextField label={s.newTag} autoComplete="off" maxLength={50} value={tag} onValue={setTag} />
        </div>
        <Button type="submit" look="primary" busy={busy}>
          {s.add}
        </Button>
      </form>
      {tags.length > 0 && (
        <>
          <h3 className="mt-5 mb-1 font-medium">{s.remove}</h3>
          <div className="flex flex-wrap gap-1.5">
            {tags.map((known) => (
              <Button key={known} size="sm" disabled={busy} onClick={() => onRemove(known)} aria-label={s.removeTag(known)}>
                {known} ×
              </Button>
            ))}
          </div>
        </>
      )}
    </Dialog>
  );
}
