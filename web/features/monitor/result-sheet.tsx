import { useCallback } from 'react';

import { Dialog } from '@/components/ui/dialog';
import { LoadFailed, Loading } from '@/components/ui/notice';
import { Time } from '@/components/ui/time';
import type { Result } from '@/gen/openseer/v1/result_pb';
import { metricsClient } from '@/shared/api/client';
import { useLoaded } from '@/shared/api/use-loaded';
import { resultWords } from '@/shared/format/words';
import { useSignedIn } from '@/shared/session/session';
import { t } from '@/strings';

import { EvidenceView } from '@/shared/check/evidence-view';

// One result with its evidence, and the attempts before it in the same slot.
export function ResultSheet({ monitorId, result, onClose }: { monitorId: string; result: Result; onClose: () => void }) {
  const { workspaceId } = useSignedIn();
  const { region, slot } = result;
  const load = useCallback(
    (signal: AbortSignal) => metricsClient.getResult({ workspaceId, monitorId, region, ...(slot === undefined ? {} : { slot }) }, { signal }),
    [workspaceId, monitorId, region, slot],
  );
  const { value, error, reload } = useLoaded(load);
  const s = t().evidence;
  return (
    <Dialog
      title={resultWords(result)}
      place="edge"
      description={
        <>
          {region} · <Time time={result.startedAt} />
        </>
      }
      onClose={onClose}
    >
      {error !== '' && <LoadFailed error={error} onRetry={reload} />}
      {value === undefined && error === '' && <Loading what={s.label} />}
      {value !== undefined && (
        <>
          <EvidenceView result={value.result ?? result} evidence={value.evidence} />
          {value.attempts.map((attempt, index) => (
            <details key={index} className="mt-4 rounded-lg border border-line p-3.5">
              <summary className="font-medium">
                {s.attempt(index + 1)}
                {attempt.result !== undefined && <span className="ml-2 font-normal text-down">{resultWords(attempt.result)}</span>}
              </summary>
              {attempt.result !== undefined && (
                <div className="mt-3">
                  <EvidenceView result={attempt.result} evidence={attempt.evidence} />
                </div>
              )}
            </details>
          ))}
        </>
      )}
    </Dialog>
  );
}
