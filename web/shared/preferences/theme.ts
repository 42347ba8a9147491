import { useSyncExternalStore } from 'react';

export const themes = ['system', 'light', 'dark'] as const;
export type Theme = (typeof themes)[number];

const stored = 'openseer-theme';
const listeners = new Set<() => void>();

// Runs in the page's head, before anything is painted; _document inlines it.
export const themeScript = `try{var t=localStorage.getItem('${stored}');if(t==='light'||t==='dark')document.documentElement.dataset.theme=t}catch(e){}`;

function current(): Theme {
  const set = document.documentElement.dataset.theme;
  return set === 'light' || set === 'dark' ? set : 'system';
}

export function setTheme(theme: Theme): void {
  if (theme === 'system') {
    delete document.documentElement.dataset.theme;
    localStorage.removeItem(stored);
  } else {
    document.documentElement.dataset.theme = theme;
    localStorage.setItem(stored, theme);
  }
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function useTheme(): Theme {
  return useSyncExternalStore(subscribe, current, () => 'system');
}

// Whether the page is dark now, by choice or by the system's setting. Canvas
// drawings need to know; style sheets do not.
export function useDark(): boolean {
  return useSyncExternalStore(
    (listener) => {
      const media = window.matchMedia('(prefers-color-scheme: dark)');
      media.addEventListener('change', listener);
      const unsubscribe = subscribe(listener);
      return () => {
        media.removeEventListener('change', listener);
        unsubscribe();
      };
    },
    () => (current() === 'system' ? window.matchMedia('(prefers-color-scheme: dark)').matches : current() === 'dark'),
    () => false,
  );
}
