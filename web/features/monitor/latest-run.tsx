import { Waterfall } from '@/components/charts/waterfall';
import { Button } from '@/components/ui/button';
import { Empty, Section } from '@/components/ui/section';
import { Ago } from '@/components/ui/time';
import type { Result } from '@/gen/openseer/v1/result_pb';
import { t } from '@/strings';

import { Facts } from '@/shared/check/result-facts';
import type { PhaseValues } from './use-phases';

interface LatestRunProps {
  result: Result | undefined;
  usual: PhaseValues | undefined;
  onOpen: (result: Result) => void;
}

// The newest result, beside what a check of this monitor usually takes.
export function LatestRun({ result, usual, onOpen }: LatestRunProps) {
  const s = t().run;
  return (
    <Section
      title={s.latest}
      aside={
        result !== undefined && (
          <span className="flex items-center gap-2 text-sm text-muted">
            <span>
              {result.region} · <Ago time={result.startedAt} />
            </span>
            <Button size="sm" onClick={() => onOpen(result)}>
              {s.details}
            </Button>
          </span>
        )
      }
    >
      {result === undefined ? (
        <Empty title={t().results.waiting} />
      ) : (
        <div className="flex flex-col gap-5">
          {result.phases !== undefined && <Waterfall phases={result.phases} usual={usual} />}
          <Facts result={result} />
        </div>
      )}
    </Section>
  );
}
