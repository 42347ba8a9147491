import type { MessageInitShape } from '@bufbuild/protobuf';
import { useEffect, useRef, useState } from 'react';

import { Button } from '@/components/ui/button';
import { Dialog } from '@/components/ui/dialog';
import { SelectField } from '@/components/ui/field';
import { PlayIcon } from '@/components/ui/icons';
import { Notice } from '@/components/ui/notice';
import { Skeleton } from '@/components/ui/section';
import { StateIcon } from '@/components/ui/state-badge';
import { MonitorState, type RunCheckRequestSchema, type RunCheckResponse } from '@/gen/openseer/v1/monitor_service_pb';
import { Outcome } from '@/gen/openseer/v1/result_pb';
import { monitorClient } from '@/shared/api/client';
import { useAction } from '@/shared/api/use-action';
import { resultWords } from '@/shared/format/words';
import { useSignedIn } from '@/shared/session/session';
import { t } from '@/strings';

import { EvidenceView } from './evidence-view';
import { useRegions } from './use-regions';

// A check may take 60 s, and a little for the way.
const timeoutMs = 75_000;

interface RunCheckProps {
  title: string;
  // A saved monitor, a specification, or both: see RunCheckRequest.
  what: Omit<MessageInitShape<typeof RunCheckRequestSchema>, 'workspaceId' | 'region' | '$typeName'>;
  regions: readonly string[];
  onClose: () => void;
}

// Runs a check once, now, from a chosen region, and shows all of it. Nothing is stored.
export function RunCheck({ title, what, regions, onClose }: RunCheckProps) {
  const { workspaceId } = useSignedIn();
  const known = useRegions();
  const [region, setRegion] = useState(regions[0] ?? 'global');
  const [answer, setAnswer] = useState<RunCheckResponse>();
  const run = useAction(async () => {
    setAnswer(undefined);
    setAnswer(await monitorClient.runCheck({ ...what, workspaceId, region }, { timeoutMs }));
  });
  const s = t().runCheck;

  // The press that opened this was the wish to run it.
  const started = useRef(false);
  useEffect(() => {
    if (started.current) return;
    started.current = true;
    run.run();
  }, [run]);

  const result = answer?.result;
  return (
    <Dialog title={title} place="edge" description={s.note} onClose={onClose}>
      <div className="mb-5 flex items-end gap-2">
        <div className="min-w-0 flex-1">
          <SelectField
            label={t().monitors.region}
            options={[...new Set(['global', ...(known.value?.map(({ name }) => name) ?? []), ...regions])].map((name) => ({
              value: name,
              text: name === 'global' ? t().form.anyWorker : name,
            }))}
            value={region}
            onValue={setRegion}
          />
        </div>
        <Button look="primary" busy={run.busy} onClick={run.run}>
          {!run.busy && <PlayIcon />} {run.busy ? s.running : s.again}
        </Button>
      </div>
      {run.refusal.message !== '' && <Notice tone="error">{run.refusal.message}</Notice>}
      {Object.entries(run.refusal.fields).map(([field, text]) => (
        <Notice key={field} tone="error">
          {field}: {text}
        </Notice>
      ))}
      {run.busy && <Skeleton className="h-40" />}
      {result !== undefined && (
        <div data-testid="run-result">
          <p role="status" className="mb-4 flex items-center gap-2 text-base font-semibold">
            <StateIcon state={stateOf(result.outcome)} className="size-5" />
            {resultWords(result)}
          </p>
          <EvidenceView result={result} evidence={answer?.evidence} />
        </div>
      )}
    </Dialog>
  );
}

function stateOf(outcome: Outcome): MonitorState {
  return outcome === Outcome.OK ? MonitorState.UP : outcome === Outcome.DEGRADED ? MonitorState.DEGRADED : MonitorState.DOWN;
}
