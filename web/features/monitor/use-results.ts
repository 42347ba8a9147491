import { useMemo, useState } from 'react';

import type { Result } from '@/gen/openseer/v1/result_pb';
import { metricsClient } from '@/shared/api/client';
import { useSignedIn } from '@/shared/session/session';
import { useAction } from '@/shared/api/use-action';

import { mergeResults, type PageState } from './page-state';

// What the stream opens with.
const snapshotRows = 50;
const firstRows = 20;
const pageRows = 50;
const largestPage = 500;

interface Older {
  // The PageState.history that they join on to.
  history: number;
  results: Result[];
  // Where the page after them begins; empty when there is none.
  token: string;
}

// The live results and, on demand, those before them.
export function useResults(monitorId: string, { results: live, history }: PageState) {
  const { workspaceId } = useSignedIn();
  const [limit, setLimit] = useState(firstRows);
  const [loaded, setLoaded] = useState<Older>();
  const older = loaded?.history === history ? loaded : undefined;
  const all = useMemo(() => mergeResults(older?.results ?? [], live), [older, live]);

  const loadOlder = useAction(async () => {
    const wanted = limit + pageRows;
    if (all.length < wanted && older?.token !== '') {
      // The first page reaches from the newest past what is here already.
      const pageSize = older === undefined ? Math.min(largestPage, wanted) : pageRows;
      const page = await metricsClient.listResults({ workspaceId, monitorId, pageSize, pageToken: older?.token ?? '' });
      setLoaded({ history, results: mergeResults(older?.results ?? [], page.results), token: page.nextPageToken });
    }
    setLimit(wanted);
  });

  const complete = older === undefined ? history === 0 && live.length < snapshotRows : older.token === '';
  return { results: all.slice(0, limit), hasOlder: all.length > limit || !complete, loadOlder };
}
