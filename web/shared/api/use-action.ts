import { useCallback, useRef, useState } from 'react';

import { noRefusal, type Refusal, refusalOf } from '@/shared/api/errors';

export interface Action<Arguments extends unknown[]> {
  run: (...args: Arguments) => void;
  busy: boolean;
  refusal: Refusal;
  clear: () => void;
}

// A call that a click or a form starts: one at a time, and what it was refused for.
export function useAction<Arguments extends unknown[]>(call: (...args: Arguments) => Promise<void>): Action<Arguments> {
  const [busy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<Refusal>(noRefusal);
  const running = useRef(false);

  const run = (...args: Arguments) => {
    if (running.current) return;
    running.current = true;
    setBusy(true);
    setRefusal(noRefusal);
    call(...args)
      .catch((cause: unknown) => setRefusal(refusalOf(cause)))
      .finally(() => {
        running.current = false;
        setBusy(false);
      });
  };
  return { run, busy, refusal, clear: useCallback(() => setRefusal(noRefusal), []) };
}
