import { useRouter } from 'next/router';

// The [id] of the path. One exported file serves every id, so it is known only
// once the page runs; undefined until then.
export function usePathId(): string | undefined {
  const { isReady, query } = useRouter();
  return isReady && typeof query.id === 'string' ? query.id : undefined;
}
