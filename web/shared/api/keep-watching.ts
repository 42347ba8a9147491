import { Code, ConnectError } from '@connectrpc/connect';

import type { WatchResponse } from '@/gen/openseer/v1/dashboard_service_pb';

export type WatchEvent = WatchResponse['event'];

export interface Watcher {
  // The whole present state, each time the stream has (re)opened.
  snapshot(events: WatchEvent[]): void;
  // What changed since, in order.
  changes(events: WatchEvent[]): void;
  // True while messages come, false from the moment they stop.
  live(live: boolean): void;
}

// The server says something at least every 15 s.
const silenceLimitMs = 40_000;
// Changes that arrive together are shown together.
const batchMs = 50;
const firstDelayMs = 500;
const longestDelayMs = 15_000;

// Keeps one stream open until `signal` fires, opening it again with growing,
// random pauses whenever it ends. Returns the error when trying again is
// pointless: signed out, gone, or not allowed.
export async function keepWatching(
  open: (signal: AbortSignal) => AsyncIterable<WatchResponse>,
  watcher: Watcher,
  signal: AbortSignal,
): Promise<ConnectError | undefined> {
  let failures = 0;
  for (;;) {
    const end = await watchOnce(open, watcher, signal, () => (failures = 0));
    if (signal.aborted) return undefined;
    if (end !== undefined && isFinal(end.code)) return end;
    watcher.live(false);
    if (await pause(delayMs(failures++, Math.random()), signal)) return undefined;
  }
}

// Exponential with full jitter, so that a restarted server meets no herd.
export function delayMs(failures: number, random: number): number {
  return Math.min(longestDelayMs, firstDelayMs * 2 ** Math.min(failures, 10)) * (0.2 + 0.8 * random);
}

async function watchOnce(
  open: (signal: AbortSignal) => AsyncIterable<WatchResponse>,
  watcher: Watcher,
  signal: AbortSignal,
  onReady: () => void,
): Promise<ConnectError | undefined> {
  const attempt = new AbortController();
  const stop = () => attempt.abort();
  signal.addEventListener('abort', stop);
  let silence = setTimeout(stop, silenceLimitMs);
  const batch = new Batch(watcher);
  try {
    for await (const { event } of open(attempt.signal)) {
      clearTimeout(silence);
      silence = setTimeout(stop, silenceLimitMs);
      if (event.case === 'ready') {
        onReady();
        batch.ready();
        watcher.live(true);
      } else if (event.case !== 'heartbeat' && event.case !== undefined) {
        batch.add(event);
      }
    }
    return undefined;
  } catch (cause) {
    return ConnectError.from(cause);
  } finally {
    clearTimeout(silence);
    batch.close(signal.aborted);
    signal.removeEventListener('abort', stop);
  }
}

// Collects the snapshot until it is complete, and then changes for a moment.
class Batch {
  private events: WatchEvent[] = [];
  private complete = false;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly watcher: Watcher) {}

  add(event: WatchEvent): void {
    this.events.push(event);
    if (this.complete) this.timer ??= setTimeout(() => this.flush(), batchMs);
  }

  ready(): void {
    this.complete = true;
    this.watcher.snapshot(this.events);
    this.events = [];
  }

  close(discard: boolean): void {
    if (this.complete && !discard) this.flush();
    clearTimeout(this.timer);
  }

  private flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (this.events.length > 0) this.watcher.changes(this.events);
    this.events = [];
  }
}

function isFinal(code: Code): boolean {
  return (
    code === Code.Unauthenticated ||
    code === Code.PermissionDenied ||
    code === Code.NotFound ||
    code === Code.InvalidArgument ||
    code === Code.Unimplemented
  );
}

// Ends early when the browser finds its network again, or with true when
// `signal` fires.
function pause(milliseconds: number, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      window.removeEventListener('online', done);
      signal.removeEventListener('abort', done);
      resolve(signal.aborted);
    };
    const timer = setTimeout(done, milliseconds);
    window.addEventListener('online', done);
    signal.addEventListener('abort', done);
  });
}
