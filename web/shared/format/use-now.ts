import { useSyncExternalStore } from 'react';

// One clock for all ages on the page, a tick a second while anybody looks.
const listeners = new Set<() => void>();
let now = 0;
let timer: ReturnType<typeof setInterval> | undefined;

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(tick, 1000);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

function tick(): void {
  now = Date.now();
  for (const listener of listeners) listener();
}

function current(): number {
  if (timer === undefined) now = Date.now();
  return now;
}

// Milliseconds since 1970, by this machine's clock.
export function useNow(): number {
  return useSyncExternalStore(subscribe, current, () => 0);
}
