import { useSyncExternalStore } from 'react';

import { DownIcon, UpIcon } from './icons';

interface Message {
  id: number;
  tone: 'ok' | 'error';
  text: string;
}

const shownMs = 5000;
const listeners = new Set<() => void>();
let messages: readonly Message[] = [];
let nextId = 0;

function change(next: readonly Message[]): void {
  messages = next;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

// A word on what just happened, for a few seconds.
export function toast(text: string, tone: 'ok' | 'error' = 'ok'): void {
  const id = ++nextId;
  change([...messages.slice(-2), { id, tone, text }]);
  setTimeout(() => change(messages.filter((message) => message.id !== id)), shownMs);
}

const none: readonly Message[] = [];

export function Toasts() {
  const shown = useSyncExternalStore(subscribe, () => messages, () => none);
  return (
    <div role="status" className="pointer-events-none fixed inset-x-0 bottom-20 z-60 flex flex-col items-center gap-2 px-4 lg:bottom-5">
      {shown.map(({ id, tone, text }) => (
        <p key={id} className="flex max-w-md animate-pop items-start gap-2 px-3.5 py-2 floating">
          {tone === 'ok' ? <UpIcon className="mt-0.5 size-4 text-up" /> : <DownIcon className="mt-0.5 size-4 text-down" />}
          {text}
        </p>
      ))}
    </div>
  );
}
