import { useCallback, useEffect, useMemo, useRef, useState } from 'react';

import { Button, ButtonLink } from '@/components/ui/button';
import { ConnectionBanner } from '@/components/ui/connection-banner';
import { PlusIcon } from '@/components/ui/icons';
import { LoadFailed } from '@/components/ui/notice';
import { Empty, PageHead, Skeleton } from '@/components/ui/section';
import { useSignedIn } from '@/shared/session/session';
import { t } from '@/strings';

import { BulkBar } from './bulk-bar';
import { Filters } from './filters';
import { isFiltered } from './list-query';
import { MonitorItems } from './monitor-items';
import { useListQuery } from './use-list-query';
import { useLiveRows } from './use-live-rows';
import { useMonitorPages } from './use-monitor-pages';

const refreshDelayMs = 700;

// Every monitor of the workspace, live.
export function MonitorsPage() {
  const { workspaceId, canEdit } = useSignedIn();
  const [query, change] = useListQuery();
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const [all, setAll] = useState(false);
  const { pages, stale, error, more, refresh } = useMonitorPages(workspaceId, query, query.byTag || all);
  const { rows: live, live: connected, follow } = useLiveRows(workspaceId);
  useRefreshOnBeat(live?.beat ?? 0, refresh);

  const monitors = useMemo(
    () => pages?.rows.filter(({ id }) => live?.gone.has(id) !== true).map((monitor) => live?.changed.get(monitor.id) ?? monitor) ?? [],
    [pages, live],
  );
  const s = t().monitors;
  const total = pages?.total ?? 0;

  // The same function always: rows are rendered again when their props change.
  const select = useCallback((ids: readonly string[], on: boolean) => {
    setSelected((was) => {
      const next = new Set(was);
      for (const id of ids) if (on) next.add(id);
        else next.delete(id);
      return next;
    });
  }, []);

  return (
    <>
      <PageHead
        title={s.title}
        note={pages === undefined ? ' ' : s.count(total)}
        actions={
          canEdit && (
            <ButtonLink href="/monitors/new" look="primary">
              <PlusIcon /> {s.add}
            </ButtonLink>
          )
        }
      />
      <Filters query={query} monitors={monitors} overview={live?.overview} onChange={change} />
      {error !== '' && <LoadFailed error={error} onRetry={refresh} />}
      {pages === undefined && error === '' && <Waiting />}
      {pages !== undefined && total === 0 && !stale && (
        <div className="card">
          {isFiltered(query) ? (
            <Empty
              title={s.noMatch}
              action={<Button onClick={() => change({ search: '', states: [], tags: [], regions: [] })}>{s.clearFilters}</Button>}
            />
          ) : (
            <Empty title={t().firstSteps.title} action={canEdit && <ButtonLink href="/monitors/new" look="primary">{s.add}</ButtonLink>}>
              {t().firstSteps.editor}
            </Empty>
          )}
        </div>
      )}
      {canEdit && selected.size > 0 && (
        <BulkBar
          selected={selected}
          monitors={monitors}
          total={total}
          onAll={() => {
            setAll(true);
            select(monitors.map(({ id }) => id), true);
          }}
          onClear={() => {
            setSelected(new Set());
            setAll(false);
          }}
          onDone={refresh}
        />
      )}
      {total > 0 && (
        <div className={`transition-opacity ${stale ? 'opacity-50' : ''}`} aria-busy={stale}>
          <MonitorItems
            monitors={monitors}
            byTag={query.byTag}
            view={query.view}
            total={total}
            selected={canEdit ? selected : undefined}
            onSelect={select}
            onVisible={follow}
            onNearEnd={more}
          />
        </div>
      )}
      <ConnectionBanner live={connected} />
    </>
  );
}

// Loads the rows anew when the counts change, but not at every change.
function useRefreshOnBeat(beat: number, refresh: () => void): void {
  const seen = useRef(beat);
  useEffect(() => {
    if (beat === seen.current) return undefined;
    const timer = setTimeout(() => {
      seen.current = beat;
      refresh();
    }, refreshDelayMs);
    return () => clearTimeout(timer);
  }, [beat, refresh]);
}

function Waiting() {
  return (
    <div role="status" className="flex flex-col gap-2">
      <span className="sr-only">{t().ui.loading(t().monitors.title)}</span>
      {Array.from({ length: 8 }, (_, index) => (
        <Skeleton key={index} className="h-11" />
      ))}
    </div>
  );
}
