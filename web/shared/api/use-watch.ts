import type { MessageInitShape } from '@bufbuild/protobuf';
import { Code, type ConnectError } from '@connectrpc/connect';
import { useEffect, useState } from 'react';

import type { WatchRequestSchema } from '@/gen/openseer/v1/dashboard_service_pb';

import { dashboardClient, sessionEnded } from './client';
import { keepWatching, type WatchEvent } from './keep-watching';

// A browser allows six connections to an origin, shared by all its tabs: one
// that nobody looks at gives its stream back after this long.
const hiddenLimitMs = 60_000;

export interface Watched<State> {
  // Undefined until the first snapshot is complete.
  state: State | undefined;
  // What `state` was made for; differs from the request asked for while the
  // stream of a changed request opens.
  request: MessageInitShape<typeof WatchRequestSchema> | undefined;
  live: boolean;
  // Set when the stream has ended for good.
  error: ConnectError | undefined;
}

// Folds a page's one Watch stream into its state. `request` and `fold` must
// keep their identity between renders; a new request opens a new stream, and
// the old state stays until the new one is there. `fold` gets a whole snapshot
// (fresh) or what changed since.
export function useWatch<State>(
  request: MessageInitShape<typeof WatchRequestSchema>,
  fold: (state: State | undefined, events: WatchEvent[], fresh: boolean) => State,
): Watched<State> {
  const [watched, setWatched] = useState<Watched<State>>({
    state: undefined,
    request: undefined,
    live: true,
    error: undefined,
  });

  useEffect(() => {
    let stream: AbortController | undefined;
    let hiddenTimer: ReturnType<typeof setTimeout> | undefined;

    const close = () => {
      stream?.abort();
      stream = undefined;
    };
    const open = () => {
      if (stream !== undefined) return;
      const mine = (stream = new AbortController());
      const apply = (fresh: boolean) => (events: WatchEvent[]) =>
        setWatched((was) => ({ ...was, state: fold(was.state, events, fresh), request, error: undefined }));
      void keepWatching(
        (signal) => dashboardClient.watch(request, { signal, timeoutMs: 0 }),
        { snapshot: apply(true), changes: apply(false), live: (live) => setWatched((was) => ({ ...was, live })) },
        mine.signal,
      ).then((error) => {
        if (error === undefined || mine.signal.aborted) return;
        setWatched((was) => ({ ...was, live: true, error }));
        if (error.code === Code.Unauthenticated) sessionEnded.dispatchEvent(new Event('ended'));
      });
    };
    const onVisibility = () => {
      clearTimeout(hiddenTimer);
      if (document.hidden) hiddenTimer = setTimeout(close, hiddenLimitMs);
      else open();
    };

    open();
    document.addEventListener('visibilitychange', onVisibility);
    return () => {
      document.removeEventListener('visibilitychange', onVisibility);
      clearTimeout(hiddenTimer);
      close();
    };
  }, [request, fold]);

  return watched;
}
