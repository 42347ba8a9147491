import { useCallback, useEffect, useState } from 'react';

import { describeError } from './errors';

export interface Loaded<Value> {
  value: Value | undefined;
  // One sentence; empty while all is well.
  error: string;
  reload: () => void;
}

// Calls `load` when the page opens, and again on reload(). `load` must keep
// its identity between renders. The last value stays while it is fetched anew.
export function useLoaded<Value>(load: (signal: AbortSignal) => Promise<Value>): Loaded<Value> {
  const [round, setRound] = useState(0);
  const [value, setValue] = useState<Value>();
  const [error, setError] = useState('');

  useEffect(() => {
    const abort = new AbortController();
    load(abort.signal).then(
      (answer) => {
        if (abort.signal.aborted) return;
        setValue(answer);
        setError('');
      },
      (cause: unknown) => {
        if (!abort.signal.aborted) setError(describeError(cause));
      },
    );
    return () => abort.abort();
  }, [load, round]);

  return { value, error, reload: useCallback(() => setRound((n) => n + 1), []) };
}
