import { useCallback, useEffect, useRef, useState } from 'react';

import type { MonitorSummary } from '@/gen/openseer/v1/monitor_service_pb';
import { monitorClient } from '@/shared/api/client';
import { describeError } from '@/shared/api/errors';

import { type ListQuery, orders } from './list-query';

const firstRows = 100;
const nextRows = 500;
const mostRows = 1000;

interface Pages {
  workspaceId: string;
  // What the rows were asked for with.
  key: string;
  rows: MonitorSummary[];
  // Where the next page begins; empty after the last.
  token: string;
  total: number;
}

export interface MonitorPages {
  // Undefined until a first page is there.
  pages: Pages | undefined;
  // They answer the query before this one, whose answer is still to come.
  stale: boolean;
  error: string;
  // Fetches the page after those here.
  more: () => void;
  // Fetches anew what is here; the rows stay until the answer comes.
  refresh: () => void;
}

// The monitors that match, in the server's order, a page at a time as the
// screen comes near the end; `everything` fetches all.
export function useMonitorPages(workspaceId: string, query: ListQuery, everything: boolean): MonitorPages {
  const { search, states, tags, regions, sort } = query;
  const key = JSON.stringify([workspaceId, search, states, tags, regions, sort]);
  const [pages, setPages] = useState<Pages>();
  const [error, setError] = useState('');
  const [round, setRound] = useState(0);
  const fetching = useRef(false);
  const here = useRef<Pages>(undefined);
  useEffect(() => {
    here.current = pages;
  }, [pages]);

  const fetchPage = useCallback(
    (pageSize: number, pageToken: string, signal?: AbortSignal) => {
      const [workspace, ...filter] = JSON.parse(key) as [string, string, number[], string[], string[], ListQuery['sort']];
      const [text, inStates, withTags, fromRegions, by] = filter;
      return monitorClient.listMonitors(
        { workspaceId: workspace, search: text, states: inStates, tags: withTags, regions: fromRegions, order: orders[by], pageSize, pageToken },
        signal === undefined ? {} : { signal },
      );
    },
    [key],
  );

  // The first page, of a new query or again.
  useEffect(() => {
    const abort = new AbortController();
    const before = here.current?.key === key ? here.current : undefined;
    const size = Math.min(mostRows, Math.max(firstRows, before?.rows.length ?? 0));
    fetchPage(size, '', abort.signal).then(
      (page) => {
        setError('');
        setPages((was) => {
          const mine = was?.key === key ? was : undefined;
          if (mine === undefined || mine.rows.length <= size) return { workspaceId, key, rows: page.monitors, token: page.nextPageToken, total: Math.max(page.total, page.monitors.length) };
          // What lies beyond the largest page stays as it was.
          const known = new Set(page.monitors.map(({ id }) => id));
          return { ...mine, rows: [...page.monitors, ...mine.rows.slice(size).filter(({ id }) => !known.has(id))], total: Math.max(page.total, page.monitors.length) };
        });
      },
      (cause: unknown) => {
        if (!abort.signal.aborted) setError(describeError(cause));
      },
    );
    return () => abort.abort();
  }, [fetchPage, workspaceId, key, round]);

  const more = useCallback(() => {
    const now = here.current;
    if (fetching.current || now?.key !== key || now.token === '') return;
    fetching.current = true;
    fetchPage(everything ? mostRows : nextRows, now.token)
      .then((page) =>
        setPages((was) => {
          if (was?.key !== key || was.token !== now.token) return was;
          const known = new Set(was.rows.map(({ id }) => id));
          return { ...was, rows: [...was.rows, ...page.monitors.filter(({ id }) => !known.has(id))], token: page.nextPageToken, total: Math.max(page.total, page.monitors.length) };
        }),
      )
      .catch((cause: unknown) => setError(describeError(cause)))
      .finally(() => {
        fetching.current = false;
      });
  }, [fetchPage, key, everything]);

  useEffect(() => {
    if (everything) more();
  }, [everything, more, pages]);

  return {
    pages: pages?.workspaceId === workspaceId ? pages : undefined,
    stale: pages !== undefined && pages.key !== key,
    error,
    more,
    refresh: useCallback(() => setRound((n) => n + 1), []),
  };
}
