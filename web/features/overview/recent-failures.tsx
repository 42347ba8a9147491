import Link from 'next/link';

import { Empty, Section } from '@/components/ui/section';
import { StateIcon } from '@/components/ui/state-badge';
import { Ago } from '@/components/ui/time';
import type { RecentFailure } from '@/gen/openseer/v1/dashboard_service_pb';
import { resultWords } from '@/shared/format/words';
import { t } from '@/strings';

export function RecentFailures({ failures }: { failures: RecentFailure[] }) {
  const s = t().overview;
  return (
    <Section title={s.failures} hint={s.last24h}>
      {failures.length === 0 ? (
        <Empty title={s.noFailures} />
      ) : (
        <ul className="-mx-2">
          {failures.map(({ monitorId, name, state, result }) => (
            <li key={monitorId} className="relative flex items-center gap-3 rounded-md px-2 py-1.5 hover:bg-hover">
              <StateIcon state={state} />
              <div className="min-w-0 flex-1">
                <Link href={`/monitors/${monitorId}`} className="block truncate rounded-sm font-medium after:absolute after:inset-0">
                  {name}
                </Link>
                {result !== undefined && (
                  <p className="truncate text-sm text-muted">
                    {resultWords(result)}
                    {result.message !== '' && ` · ${result.message}`}
                  </p>
                )}
              </div>
              <span className="shrink-0 text-right text-sm text-muted tabular-nums">
                <Ago time={result?.startedAt} />
                <span className="block">{result?.region}</span>
              </span>
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}
