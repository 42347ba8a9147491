import { instanceClient } from '@/shared/api/client';
import { useLoaded } from '@/shared/api/use-loaded';

const load = async (signal: AbortSignal) => (await instanceClient.getInstance({}, { signal })).instance;

// What a visitor may know about this installation.
export function useInstance() {
  return useLoaded(load);
}
