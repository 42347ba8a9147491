import { useDeferredValue, useMemo, useState } from 'react';

import type { MonitorState } from '@/gen/openseer/v1/monitor_service_pb';
import { describeError } from '@/shared/api/errors';
import { useWatch } from '@/shared/api/use-watch';
import { plural } from '@/shared/format/number';
import { useSignedIn } from '@/shared/session/session';
import { Button, ButtonLink } from '@/shared/ui/button';
import { ConnectionBanner } from '@/shared/ui/connection-banner';
import { PlusIcon } from '@/shared/ui/icons';
import { Loading, Notice } from '@/shared/ui/notice';

import { EmptyList } from './empty-list';
import { foldList, type ListState, selectMonitors } from './list-state';
import { MonitorTable } from './monitor-table';
import { OverviewCounters } from './overview-counters';

const pageRows = 100;
const searchFrom = 8;

// Every monitor of the workspace, live.
export function MonitorList() {
  const { workspaceId, canEdit } = useSignedIn();
  const request = useMemo(() => ({ workspaceId, view: { case: 'monitorList' as const, value: {} } }), [workspaceId]);
  const { state, live, error } = useWatch(request, foldList);

  return (
    <>
      <div className="mb-5 flex flex-wrap items-center justify-between gap-3">
        <h1 className="text-2xl font-semibold">Monitors</h1>
        {canEdit && state !== undefined && state.monitors.size > 0 && (
          <ButtonLink href="/monitors/new" look="primary">
            <PlusIcon /> Add monitor
          </ButtonLink>
        )}
      </div>
      {error !== undefined && <Notice tone="error">{describeError(error)}</Notice>}
      {state === undefined && error === undefined && <Loading what="the monitors" />}
      {state !== undefined && (state.monitors.size === 0 ? <EmptyList overview={state.overview} /> : <Monitors list={state} />)}
      <ConnectionBanner live={live} />
    </>
  );
}

function Monitors({ list }: { list: ListState }) {
  const [only, setOnly] = useState<MonitorState>();
  const [text, setText] = useState('');
  const [rows, setRows] = useState(pageRows);
  const wanted = useDeferredValue(text);
  const found = useMemo(() => selectMonitors(list.monitors.values(), only, wanted), [list.monitors, only, wanted]);

  return (
    <div className="flex flex-col gap-5">
      {list.overview !== undefined && <OverviewCounters overview={list.overview} only={only} onOnly={setOnly} />}
      {list.monitors.size >= searchFrom && (
        <input
          type="search"
          className="control max-w-sm"
          placeholder="Find by name or URL"
          aria-label="Find by name or URL"
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
      )}
      {found.length > 0 ? (
        <MonitorTable monitors={found.slice(0, rows)} />
      ) : (
        <Notice tone="info">No monitor matches. Clear the search or choose another state.</Notice>
      )}
      {found.length > rows && (
        <div className="text-center">
          <Button onClick={() => setRows(rows + pageRows)}>Show more of {plural(found.length, 'monitor')}</Button>
        </div>
      )}
    </div>
  );
}
