import { Outcome, type Result } from '@/gen/openseer/v1/result_pb';
import { formatMeasured } from '@/shared/format/duration';
import { formatClock, formatDay, formatMoment, isToday } from '@/shared/format/time';
import { resultWords } from '@/shared/format/words';
import { Button } from '@/shared/ui/button';
import { DownIcon, UpIcon } from '@/shared/ui/icons';
import { Notice } from '@/shared/ui/notice';
import { Section } from '@/shared/ui/section';
import { cell, headCell, Table } from '@/shared/ui/table';
import { useNow } from '@/shared/ui/use-now';

import { keyOf, type PageState } from './page-state';
import { useResults } from './use-results';

export function ResultsSection({ monitorId, state }: { monitorId: string; state: PageState }) {
  const { results, hasOlder, loadOlder } = useResults(monitorId, state);
  const now = useNow();
  return (
    <Section title="Recent results">
      {results.length === 0 ? (
        <p className="py-4 text-center text-muted">No results yet.</p>
      ) : (
        <Table label="Recent results, newest first">
          <thead>
            <tr>
              <th className={headCell}>Time</th>
              <th className={`${headCell} hidden sm:table-cell`}>Region</th>
              <th className={headCell}>Outcome</th>
              <th className={`${headCell} hidden text-right sm:table-cell`}>Status</th>
              <th className={`${headCell} text-right`}>Total</th>
            </tr>
          </thead>
          <tbody>
            {results.map((result) => (
              <Row key={keyOf(result)} result={result} now={now} />
            ))}
          </tbody>
        </Table>
      )}
      {loadOlder.refusal.message !== '' && <Notice tone="error">{loadOlder.refusal.message}</Notice>}
      {hasOlder && results.length > 0 && (
        <div className="mt-3 text-center">
          <Button busy={loadOlder.busy} onClick={loadOlder.run}>
            Load older
          </Button>
        </div>
      )}
    </Section>
  );
}

function Row({ result, now }: { result: Result; now: number }) {
  const ok = result.outcome === Outcome.OK;
  const status = result.httpStatus === 0 ? '–' : String(result.httpStatus);
  return (
    <tr className="border-t border-line align-top text-sm">
      <td className={`${cell} align-top whitespace-nowrap`} title={formatMoment(result.startedAt)}>
        {formatClock(result.startedAt)}
        {!isToday(result.startedAt, now) && <span className="block text-xs text-muted">{formatDay(result.startedAt)}</span>}
      </td>
      <td className={`${cell} hidden align-top sm:table-cell`}>{result.region}</td>
      <td className={`${cell} w-full align-top`}>
        <span className={`flex items-start gap-1.5 ${ok ? 'text-up' : 'text-down'}`}>
          {ok ? <UpIcon className="mt-0.5 size-4" /> : <DownIcon className="mt-0.5 size-4" />}
          {resultWords(result)}
        </span>
        {result.message !== '' && <span className="block break-words text-muted">{result.message}</span>}
        <span className="block text-muted sm:hidden">
          {result.region}
          {result.httpStatus > 0 && ` · ${status}`}
        </span>
      </td>
      <td className={`${cell} hidden text-right align-top sm:table-cell`}>{status}</td>
      <td className={`${cell} text-right align-top whitespace-nowrap`}>{formatMeasured(result.phases?.total)}</td>
    </tr>
  );
}
