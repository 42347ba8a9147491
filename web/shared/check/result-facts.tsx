import { timestampMs } from '@bufbuild/protobuf/wkt';

import { Time, Until } from '@/components/ui/time';
import { Outcome, type Result } from '@/gen/openseer/v1/result_pb';
import { formatBytes } from '@/shared/format/number';
import { useNow } from '@/shared/format/use-now';
import { httpVersionWords, resultWords } from '@/shared/format/words';
import { t } from '@/strings';

const soonMs = 14 * 86_400_000;

export function Facts({ result }: { result: Result }) {
  const s = t().run;
  const now = useNow();
  const expires = result.certificateExpiresAt;
  const soon = expires !== undefined && timestampMs(expires) - now < soonMs;
  return (
    <dl className="grid grid-cols-[auto_1fr] content-start gap-x-5 gap-y-1 text-sm">
      <dt className="text-muted">{s.outcome}</dt>
      <dd className={result.outcome === Outcome.FAILED ? 'font-medium text-down' : result.outcome === Outcome.DEGRADED ? 'font-medium text-degraded' : ''}>
        {resultWords(result)}
      </dd>
      {result.message !== '' && (
        <>
          <dt className="text-muted">{s.why}</dt>
          <dd className="break-words">{result.message}</dd>
        </>
      )}
      <dt className="text-muted">{s.status}</dt>
      <dd>{result.httpStatus === 0 ? s.noAnswer : `${result.httpStatus}, ${httpVersionWords[result.httpVersion]}`}</dd>
      <dt className="text-muted">{s.address}</dt>
      <dd className="break-all">{result.remoteAddress === '' ? '–' : result.remoteAddress}</dd>
      <dt className="text-muted">{s.body}</dt>
      <dd>{formatBytes(result.bodyBytes)}</dd>
      {expires !== undefined && (
        <>
          <dt className="text-muted">{s.certificate}</dt>
          <dd className={soon ? 'font-medium text-degraded' : ''}>
            <Time time={expires} form="day" /> (<Until time={expires} />)
          </dd>
        </>
      )}
    </dl>
  );
}
