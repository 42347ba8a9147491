import { Outcome, type Phases, type Result } from '@/gen/openseer/v1/result_pb';
import { formatLatency, formatMeasured, microseconds } from '@/shared/format/duration';
import { formatBytes } from '@/shared/format/number';
import { formatAgo, formatDay, formatMoment } from '@/shared/format/time';
import { httpVersionWords, resultWords } from '@/shared/format/words';
import { Section } from '@/shared/ui/section';
import { useNow } from '@/shared/ui/use-now';

export function LatestResult({ result }: { result: Result | undefined }) {
  const now = useNow();
  return (
    <Section
      title="Latest result"
      aside={
        result !== undefined && (
          <span className="text-sm text-muted" title={formatMoment(result.startedAt)}>
            {result.region} · {formatAgo(result.startedAt, now)}
          </span>
        )
      }
    >
      {result === undefined ? (
        <p className="py-4 text-center text-muted">The first result is on its way.</p>
      ) : (
        <div className="grid gap-x-10 gap-y-5 lg:grid-cols-[3fr_2fr]">
          {result.phases !== undefined && <Waterfall phases={result.phases} />}
          <Facts result={result} />
        </div>
      )}
    </Section>
  );
}

interface Step {
  name: string;
  us: number;
  color: string;
}

// The phases one after the other. What the total has beyond them came before
// the last hop: redirects.
function Waterfall({ phases }: { phases: Phases }) {
  const us = (phase: Phases['dns']) => (phase === undefined ? 0 : microseconds(phase));
  const steps: Step[] = [
    { name: 'DNS', us: us(phases.dns), color: 'var(--phase-1)' },
    { name: 'Connect', us: us(phases.connect), color: 'var(--phase-2)' },
    { name: 'TLS', us: us(phases.tls), color: 'var(--phase-3)' },
    { name: 'Wait', us: us(phases.wait), color: 'var(--phase-4)' },
    { name: 'Download', us: us(phases.download), color: 'var(--phase-5)' },
  ];
  const total = us(phases.total);
  const before = total - steps.reduce((sum, step) => sum + step.us, 0);
  // Below one per cent it is only the time between the phases.
  if (before > total / 100) steps.unshift({ name: 'Before', us: before, color: 'var(--line-strong)' });

  let start = 0;
  const rows = steps.map((step) => {
    const left = start;
    start += step.us;
    return { ...step, left };
  });
  return (
    <dl className="grid grid-cols-[auto_1fr_auto] items-center gap-x-3 gap-y-1.5" data-testid="waterfall">
      {rows.map(({ name, us: length, left, color }) => (
        <div key={name} className="contents">
          <dt className="text-sm text-muted">{name}</dt>
          <dd className="order-none contents">
            <span className="relative h-4 overflow-hidden rounded-sm bg-sunken" aria-hidden="true">
              {length > 0 && total > 0 && (
                <span
                  className="absolute inset-y-0 min-w-0.5 rounded-sm"
                  style={{ left: `${(left / total) * 100}%`, width: `${(length / total) * 100}%`, background: color }}
                />
              )}
            </span>
            <span className="text-right text-sm tabular-nums">{length === 0 ? '–' : formatLatency(length)}</span>
          </dd>
        </div>
      ))}
      <div className="contents">
        <dt className="border-t border-line pt-1.5 text-sm font-medium">Total</dt>
        <dd className="contents">
          <span className="h-full border-t border-line" aria-hidden="true" />
          <span className="border-t border-line pt-1.5 text-right text-sm font-medium tabular-nums">{formatMeasured(phases.total)}</span>
        </dd>
      </div>
    </dl>
  );
}

function Facts({ result }: { result: Result }) {
  const failed = result.outcome !== Outcome.OK;
  return (
    <dl className="grid grid-cols-[auto_1fr] content-start gap-x-5 gap-y-1.5 text-sm">
      <dt className="text-muted">Outcome</dt>
      <dd className={failed ? 'font-medium text-down' : ''}>{resultWords(result)}</dd>
      {result.message !== '' && (
        <>
          <dt className="text-muted">Why</dt>
          <dd className="break-words">{result.message}</dd>
        </>
      )}
      <dt className="text-muted">Status</dt>
      <dd>{result.httpStatus === 0 ? 'No answer' : `${result.httpStatus}, ${httpVersionWords[result.httpVersion]}`}</dd>
      <dt className="text-muted">Address</dt>
      <dd className="break-all">{result.remoteAddress === '' ? '–' : result.remoteAddress}</dd>
      <dt className="text-muted">Body</dt>
      <dd>{formatBytes(result.bodyBytes)}</dd>
      {result.certificateExpiresAt !== undefined && (
        <>
          <dt className="text-muted">Certificate until</dt>
          <dd>{formatDay(result.certificateExpiresAt)}</dd>
        </>
      )}
    </dl>
  );
}
