import { useRouter } from 'next/router';
import { useLayoutEffect, useRef } from 'react';

import { useSignedIn } from '@/shared/session/session';

import { destinations } from './navigation';

// The second key of "g o" must come this soon.
const chordMs = 1500;
// Times of events begin with the page: zero would make its first keys the second of a chord.
const never = -Infinity;

interface Shortcuts {
  onPalette: () => void;
  onHelp: () => void;
}

// Keys that work on every page, except while something is typed: from the moment it
// shows, so none is lost between that and an effect.
export function useShortcuts(shortcuts: Shortcuts): void {
  const router = useRouter();
  const { user, canEdit } = useSignedIn();
  const act = useRef<(event: KeyboardEvent) => void>(() => undefined);
  const goneAt = useRef(never);

  useLayoutEffect(() => {
    act.current = (event) => {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') {
        event.preventDefault();
        shortcuts.onPalette();
        return;
      }
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target) || document.querySelector('[role=dialog]') !== null) return;
      if (event.timeStamp - goneAt.current < chordMs) {
        goneAt.current = never;
        const destination = destinations(user.instanceOwner).find(({ key }) => key === event.key);
        if (destination !== undefined) void router.push(destination.href);
        return;
      }
      if (event.key === 'g') goneAt.current = event.timeStamp;
      else if (event.key === '?') shortcuts.onHelp();
      else if (event.key === 'c' && canEdit) void router.push('/monitors/new');
      else if (event.key === '/') {
        const search = document.querySelector<HTMLInputElement>('main input[type=search]');
        if (search === null) shortcuts.onPalette();
        else search.focus();
        event.preventDefault();
      }
    };
  });

  useLayoutEffect(() => {
    const onKey = (event: KeyboardEvent) => act.current(event);
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, []);
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName));
}
