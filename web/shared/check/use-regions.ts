import { workerClient } from '@/shared/api/client';
import { useLoaded } from '@/shared/api/use-loaded';

const load = async (signal: AbortSignal) => (await workerClient.listRegions({}, { signal })).regions;

export function useRegions() {
  return useLoaded(load);
}
