import { useEffect, useState } from 'react';

// The secret that follows "#" in a link: browsers never send it to a server.
// Undefined until the page runs; empty when there is none.
export function useFragment(): string | undefined {
  const [fragment, setFragment] = useState<string>();
  useEffect(() => {
    const read = () => setFragment(window.location.hash.slice(1));
    read();
    window.addEventListener('hashchange', read);
    return () => window.removeEventListener('hashchange', read);
  }, []);
  return fragment;
}
