import { useSyncExternalStore } from 'react';

function subscribe(listener: () => void): () => void {
  window.addEventListener('resize', listener);
  return () => window.removeEventListener('resize', listener);
}

// The width that the page's content has, in whole pixels.
function current(): number {
  const content = document.getElementById('content');
  if (content === null) return window.innerWidth;
  const style = getComputedStyle(content);
  return Math.floor(content.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight));
}

export function useContentWidth(): number {
  return useSyncExternalStore(subscribe, current, () => 1024);
}
