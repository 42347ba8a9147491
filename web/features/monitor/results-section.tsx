import { useState } from 'react';

import { Button } from '@/components/ui/button';
import { DegradedIcon, DownIcon, UpIcon } from '@/components/ui/icons';
import { Notice } from '@/components/ui/notice';
import { Empty, Section } from '@/components/ui/section';
import { Segmented } from '@/components/ui/segmented';
import { cell, headCell, Table } from '@/components/ui/table';
import { Time } from '@/components/ui/time';
import { Outcome, type Result } from '@/gen/openseer/v1/result_pb';
import { formatMeasured } from '@/shared/format/duration';
import { isToday } from '@/shared/format/time';
import { useNow } from '@/shared/format/use-now';
import { resultWords } from '@/shared/format/words';
import { t } from '@/strings';

import { keyOf, type PageState } from './page-state';
import { useResults } from './use-results';

type Wanted = 'all' | 'bad' | 'ok';

interface ResultsSectionProps {
  monitorId: string;
  state: PageState;
  regions: readonly string[];
  onOpen: (result: Result) => void;
}

export function ResultsSection({ monitorId, state, regions, onOpen }: ResultsSectionProps) {
  const { results, hasOlder, loadOlder } = useResults(monitorId, state);
  const [wanted, setWanted] = useState<Wanted>('all');
  const [region, setRegion] = useState('');
  const s = t().results;
  const shown = results.filter(
    (result) => (wanted === 'all' || (result.outcome === Outcome.OK) === (wanted === 'ok')) && (region === '' || result.region === region),
  );
  const options = [
    { value: 'all' as const, text: s.all },
    { value: 'bad' as const, text: s.bad },
    { value: 'ok' as const, text: s.good },
  ];
  return (
    <Section
      title={s.title}
      aside={
        <div className="flex flex-wrap items-center gap-2">
          {regions.length > 1 && (
            <select aria-label={t().monitors.region} className="min-h-8 w-auto py-0.5 text-sm control" value={region} onChange={(event) => setRegion(event.target.value)}>
              <option value="">{s.allRegions}</option>
              {regions.map((name) => (
                <option key={name}>{name}</option>
              ))}
            </select>
          )}
          <Segmented label={s.filter} options={options} value={wanted} onValue={setWanted} />
        </div>
      }
    >
      {shown.length === 0 ? (
        <Empty title={results.length === 0 ? s.none : s.noneMatch} />
      ) : (
        <Table label={s.tableLabel}>
          <thead>
            <tr>
              <th className={headCell}>{t().chart.time}</th>
              <th className={`${headCell} hidden sm:table-cell`}>{t().monitors.region}</th>
              <th className={headCell}>{t().run.outcome}</th>
              <th className={`${headCell} hidden text-right sm:table-cell`}>{t().run.status}</th>
              <th className={`${headCell} text-right`}>{t().phases.total}</th>
              <th className={headCell}>
                <span className="sr-only">{t().run.details}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {shown.map((result) => (
              <Row key={keyOf(result)} result={result} onOpen={onOpen} />
            ))}
          </tbody>
        </Table>
      )}
      {loadOlder.refusal.message !== '' && <Notice tone="error">{loadOlder.refusal.message}</Notice>}
      {hasOlder && results.length > 0 && (
        <div className="mt-3 text-center">
          <Button busy={loadOlder.busy} onClick={loadOlder.run}>
            {s.older}
          </Button>
        </div>
      )}
    </Section>
  );
}

function Row({ result, onOpen }: { result: Result; onOpen: (result: Result) => void }) {
  const now = useNow();
  const status = result.httpStatus === 0 ? '–' : String(result.httpStatus);
  return (
    <tr className="border-t border-line align-top text-sm hover:bg-hover">
      <td className={`${cell} align-top whitespace-nowrap`}>
        <Time time={result.startedAt} form="clock" />
        {!isToday(result.startedAt, now) && (
          <span className="block text-xs text-muted">
            <Time time={result.startedAt} form="day" />
          </span>
        )}
      </td>
      <td className={`${cell} hidden align-top whitespace-nowrap sm:table-cell`}>{result.region}</td>
      <td className={`${cell} w-full align-top`}>
        <OutcomeWords result={result} />
        {result.message !== '' && <span className="block break-words text-muted">{result.message}</span>}
        <span className="block text-muted sm:hidden">
          {result.region}
          {result.httpStatus > 0 && ` · ${status}`}
        </span>
      </td>
      <td className={`${cell} hidden text-right align-top sm:table-cell`}>{status}</td>
      <td className={`${cell} text-right align-top whitespace-nowrap`}>{formatMeasured(result.phases?.total)}</td>
      <td className={`${cell} align-top`}>
        <Button size="sm" look="quiet" className="-my-1" onClick={() => onOpen(result)}>
          {t().run.details}
        </Button>
      </td>
    </tr>
  );
}

function OutcomeWords({ result }: { result: Result }) {
  const { color, Icon } =
    result.outcome === Outcome.OK
      ? { color: 'text-up', Icon: UpIcon }
      : result.outcome === Outcome.DEGRADED
        ? { color: 'text-degraded', Icon: DegradedIcon }
        : { color: 'text-down', Icon: DownIcon };
  return (
    <span className={`flex items-start gap-1.5 ${color}`}>
      <Icon className="mt-0.5 size-4" />
      {resultWords(result)}
    </span>
  );
}
