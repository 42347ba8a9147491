import { create } from '@bufbuild/protobuf';
import { Code, ConnectError } from '@connectrpc/connect';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { type WatchResponse, WatchResponseSchema } from '@/gen/openseer/v1/dashboard_service_pb';

import { delayMs, keepWatching, type WatchEvent, type Watcher } from './keep-watching';

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('window', new EventTarget());
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const ready = create(WatchResponseSchema, { event: { case: 'ready', value: {} } });
const overview = (total: number) => create(WatchResponseSchema, { event: { case: 'overview', value: { total } } });

// What a stream sends, and how it then ends: by itself, with an error, or never.
interface Script {
  messages: WatchResponse[];
  end: 'close' | 'hang' | Code;
}

function scripted(scripts: Script[]) {
  const opened: AbortSignal[] = [];
  async function* open(signal: AbortSignal): AsyncIterable<WatchResponse> {
    const script = scripts[opened.length];
    opened.push(signal);
    if (script === undefined) throw new ConnectError('no more scripts', Code.NotFound);
    yield* script.messages;
    if (script.end === 'hang') {
      await new Promise((_, reject) => signal.addEventListener('abort', () => reject(new ConnectError('aborted', Code.Canceled))));
    } else if (script.end !== 'close') {
      throw new ConnectError('failed', script.end);
    }
  }
  return { open, opened };
}

function recorder() {
  const seen: string[] = [];
  const totals = (events: WatchEvent[]) => events.map((event) => (event.case === 'overview' ? event.value.total : event.case)).join(',');
  const watcher: Watcher = {
    snapshot: (events) => seen.push(`snapshot ${totals(events)}`),
    changes: (events) => seen.push(`changes ${totals(events)}`),
    live: (live) => seen.push(live ? 'live' : 'lost'),
  };
  return { seen, watcher };
}

test('the snapshot is handed over whole, and changes after it', async () => {
  const { open } = scripted([{ messages: [overview(1), overview(2), ready, overview(3), overview(4)], end: Code.NotFound }]);
  const { seen, watcher } = recorder();
  await keepWatching(open, watcher, new AbortController().signal);
  expect(seen).toEqual(['snapshot 1,2', 'live', 'changes 3,4']);
});

test('a stream that ends is opened again, and sends the whole state again', async () => {
  const { open, opened } = scripted([
    { messages: [overview(1), ready], end: 'close' },
    { messages: [], end: Code.Unavailable },
    { messages: [overview(2), ready], end: Code.Unauthenticated },
  ]);
  const { seen, watcher } = recorder();
  const watching = keepWatching(open, watcher, new AbortController().signal);
  await vi.advanceTimersByTimeAsync(60_000);
  expect((await watching)?.code).toBe(Code.Unauthenticated);
  expect(opened).toHaveLength(3);
  expect(seen).toEqual(['snapshot 1', 'live', 'lost', 'lost', 'snapshot 2', 'live']);
});

test('half a snapshot is never shown', async () => {
  const { open } = scripted([{ messages: [overview(1)], end: 'close' }]);
  const { seen, watcher } = recorder();
  const watching = keepWatching(open, watcher, new AbortController().signal);
  await vi.advanceTimersByTimeAsync(60_000);
  await watching;
  expect(seen).toEqual(['lost']);
});

test('a silent stream is given up', async () => {
  const { open, opened } = scripted([{ messages: [ready], end: 'hang' }]);
  const { seen, watcher } = recorder();
  const watching = keepWatching(open, watcher, new AbortController().signal);
  await vi.advanceTimersByTimeAsync(39_000);
  expect(seen).toEqual(['snapshot ', 'live']);
  await vi.advanceTimersByTimeAsync(30_000);
  await watching;
  expect(opened[0]?.aborted).toBe(true);
  expect(seen.at(-1)).toBe('lost');
});

test('leaving the page ends the stream and the tries', async () => {
  const { open, opened } = scripted([{ messages: [ready], end: 'hang' }]);
  const page = new AbortController();
  const watching = keepWatching(open, recorder().watcher, page.signal);
  await vi.advanceTimersByTimeAsync(100);
  page.abort();
  expect(await watching).toBeUndefined();
  expect(opened).toHaveLength(1);
  expect(opened[0]?.aborted).toBe(true);
});

test('pauses grow to 15 s and are spread', () => {
  expect(delayMs(0, 1)).toBe(500);
  expect(delayMs(3, 1)).toBe(4000);
  expect(delayMs(50, 1)).toBe(15_000);
  expect(delayMs(50, 0)).toBe(3000);
});
