import { useCallback, useEffect, useMemo } from 'react';

import { phaseNames, type PhaseName } from '@/components/charts/waterfall';
import type { GetPhasesResponse, PhasePoint, Range } from '@/gen/openseer/v1/metrics_service_pb';
import { metricsClient } from '@/shared/api/client';
import { useLoaded } from '@/shared/api/use-loaded';
import { microseconds } from '@/shared/format/duration';
import { useSignedIn } from '@/shared/session/session';

const refreshMs = 60_000;

export function usePhases(monitorId: string, range: Range) {
  const { workspaceId } = useSignedIn();
  const load = useCallback(
    (signal: AbortSignal) => metricsClient.getPhases({ workspaceId, monitorId, range }, { signal }),
    [workspaceId, monitorId, range],
  );
  const loaded = useLoaded(load);
  const { reload } = loaded;
  useEffect(() => {
    const timer = setInterval(() => document.hidden || reload(), refreshMs);
    return () => clearInterval(timer);
  }, [reload]);
  return loaded;
}

export type PhaseValues = Readonly<Record<PhaseName, number>>;

// In microseconds.
export function phaseValues(point: PhasePoint): PhaseValues {
  const us = (name: PhaseName) => {
    const value = point[name];
    return value === undefined ? 0 : microseconds(value);
  };
  return { dns: us('dns'), connect: us('connect'), tls: us('tls'), wait: us('wait'), download: us('download') };
}

// What a check usually takes: the mean over the range. Buckets hold means, each
// of `count` results.
export function useUsual(phases: GetPhasesResponse | undefined): PhaseValues | undefined {
  return useMemo(() => {
    const points = phases?.points ?? [];
    const count = points.reduce((sum, point) => sum + point.count, 0);
    if (count === 0) return undefined;
    const mean = (name: PhaseName) => points.reduce((sum, point) => sum + phaseValues(point)[name] * point.count, 0) / count;
    return Object.fromEntries(phaseNames.map((name) => [name, mean(name)])) as unknown as PhaseValues;
  }, [phases]);
}
