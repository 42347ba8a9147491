import { useRouter } from 'next/router';
import { useCallback, useEffect, useMemo, useState } from 'react';

import { formatQuery, type ListQuery, parseQuery } from './list-query';

// Typing stays ahead of the address by this much.
const settleMs = 250;

export function useListQuery(): [ListQuery, (change: Partial<ListQuery>) => void] {
  const router = useRouter();
  const [query, setQuery] = useState(() => parseQuery(router.query));

  const address = useMemo(() => JSON.stringify(formatQuery(query)), [query]);
  useEffect(() => {
    if (address === JSON.stringify(formatQuery(parseQuery(router.query)))) return undefined;
    const timer = setTimeout(() => {
      void router.replace({ query: JSON.parse(address) as Record<string, string> }, undefined, { shallow: true, scroll: false });
    }, settleMs);
    return () => clearTimeout(timer);
    // eslint-disable-next-line react-hooks/exhaustive-deps -- follows the query, not the router
  }, [address]);

  const change = useCallback((part: Partial<ListQuery>) => setQuery((was) => ({ ...was, ...part })), []);
  return [query, change];
}
