import { Waterfall } from '@/components/charts/waterfall';
import { DownIcon, UpIcon } from '@/components/ui/icons';
import { Notice } from '@/components/ui/notice';
import { Tabs } from '@/components/ui/tabs';
import { Time, Until } from '@/components/ui/time';
import { type AssertionFailure, type CertificateSummary, type Evidence, type Hop, Reason, type Result, TlsVersion } from '@/gen/openseer/v1/result_pb';
import { formatMeasured } from '@/shared/format/duration';
import { formatBytes } from '@/shared/format/number';
import { httpVersionWords, reasonWords, tlsVersionWords } from '@/shared/format/words';
import { t } from '@/strings';

import { Facts } from './result-facts';

// One result and all that is known of how it came about.
export function EvidenceView({ result, evidence }: { result: Result; evidence: Evidence | undefined }) {
  const s = t().evidence;
  const chain = evidence?.hops.at(-1)?.chain ?? [];
  const summary = (
    <div className="flex flex-col gap-5">
      {evidence !== undefined && evidence.failures.length > 0 && <Failures failures={evidence.failures} />}
      {result.phases !== undefined && <Waterfall phases={result.phases} />}
      <Facts result={result} />
      {evidence === undefined && <p className="text-sm text-muted">{s.none}</p>}
    </div>
  );
  if (evidence === undefined) return summary;
  return (
    <Tabs
      label={s.label}
      tabs={[
        { value: 'summary', text: s.summary, content: summary },
        { value: 'hops', text: s.hops, note: <Count of={evidence.hops.length} />, content: <Hops hops={evidence.hops} /> },
        { value: 'headers', text: s.headers, content: <Headers hop={evidence.hops.at(-1)} /> },
        ...(evidence.body.length > 0 ? [{ value: 'body', text: s.body, content: <Body evidence={evidence} /> }] : []),
        ...(chain.length > 0 ? [{ value: 'certificates', text: s.certificates, note: <Count of={chain.length} />, content: <Chain chain={chain} /> }] : []),
      ]}
    />
  );
}

function Count({ of }: { of: number }) {
  return of > 1 ? <span className="rounded-full bg-sunken px-1.5 text-2xs">{of}</span> : null;
}

function Failures({ failures }: { failures: AssertionFailure[] }) {
  return (
    <ul className="flex flex-col gap-1.5">
      {failures.map((failure) => (
        <li key={failure.index}>
          <Notice tone={failure.degraded ? 'warning' : 'error'}>{failure.message}</Notice>
        </li>
      ))}
    </ul>
  );
}

// One request after the other: redirects, and the addresses that each tried.
function Hops({ hops }: { hops: Hop[] }) {
  const s = t().evidence;
  return (
    <ol className="flex flex-col gap-4">
      {hops.map((hop, index) => (
        <li key={index} className="rounded-lg border border-line p-3.5">
          <p className="font-mono text-sm break-all">
            {hop.method} {hop.url}
          </p>
          <p className="mt-1 text-sm text-muted">
            {hop.status === 0 ? t().run.noAnswer : `${hop.status} · ${httpVersionWords[hop.httpVersion]}`}
            {hop.tlsVersion !== TlsVersion.TLS_VERSION_UNSPECIFIED && ` · ${tlsVersionWords[hop.tlsVersion]} · ${hop.cipher}`}
            {hop.reusedConnection && ` · ${s.reused}`}
          </p>
          {hop.attempts.length > 0 && (
            <>
              <h3 className="mt-3 mb-1 text-sm font-medium">{s.attempts}</h3>
              <ul className="flex flex-col gap-1 text-sm">
                {hop.attempts.map((attempt, tried) => (
                  <li key={tried} className="flex flex-wrap items-center gap-x-3">
                    {attempt.reason === Reason.UNSPECIFIED ? <UpIcon className="size-4 text-up" /> : <DownIcon className="size-4 text-down" />}
                    <span className="font-mono">{attempt.address}</span>
                    <span className={attempt.reason === Reason.UNSPECIFIED ? 'text-muted' : 'text-down'}>
                      {attempt.reason === Reason.UNSPECIFIED ? s.connected : reasonWords(attempt.reason)}
                    </span>
                    <span className="ml-auto text-muted tabular-nums">{formatMeasured(attempt.elapsed)}</span>
                  </li>
                ))}
              </ul>
            </>
          )}
          {hop.phases !== undefined && hops.length > 1 && (
            <div className="mt-3">
              <Waterfall phases={hop.phases} />
            </div>
          )}
        </li>
      ))}
    </ol>
  );
}

function Headers({ hop }: { hop: Hop | undefined }) {
  if (hop === undefined || hop.headers.length === 0) return <p className="text-muted">{t().evidence.noHeaders}</p>;
  return (
    <dl className="grid gap-x-4 gap-y-1 font-mono text-sm sm:grid-cols-[minmax(8rem,auto)_1fr]">
      {hop.headers.map(({ name, value }, index) => (
        <div key={index} className="contents">
          <dt className="text-muted">{name}</dt>
          <dd className="break-all">{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function Body({ evidence }: { evidence: Evidence }) {
  const s = t().evidence;
  return (
    <>
      <p className="mb-2 text-sm text-muted">
        {s.received(formatBytes(evidence.wireBytes))}
        {evidence.bodyTruncated && ` ${s.truncated(formatBytes(evidence.body.length))}`}
      </p>
      {/* Scrolls, and so must be reachable by keyboard. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <pre className="max-h-[60dvh] overflow-auto rounded-lg border border-line bg-sunken p-3 font-mono text-xs break-all whitespace-pre-wrap" tabIndex={0}>
        {new TextDecoder().decode(evidence.body)}
      </pre>
    </>
  );
}

function Chain({ chain }: { chain: CertificateSummary[] }) {
  const s = t().evidence;
  return (
    <ol className="flex flex-col gap-4">
      {chain.map((certificate, index) => (
        <li key={certificate.fingerprint} className="rounded-lg border border-line p-3.5 text-sm">
          <h3 className="mb-2 font-medium">{index === 0 ? s.leaf : s.issuerOf(index)}</h3>
          <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1">
            <dt className="text-muted">{s.subject}</dt>
            <dd className="break-all">{certificate.subject}</dd>
            <dt className="text-muted">{s.issuer}</dt>
            <dd className="break-all">{certificate.issuer}</dd>
            {certificate.names.length > 0 && (
              <>
                <dt className="text-muted">{s.names}</dt>
                <dd className="break-all">{certificate.names.join(', ')}</dd>
              </>
            )}
            <dt className="text-muted">{s.valid}</dt>
            <dd>
              <Time time={certificate.notBefore} form="day" /> – <Time time={certificate.notAfter} form="day" />
              {certificate.notAfter !== undefined && (
                <>
                  {' '}
                  (<Until time={certificate.notAfter} />)
                </>
              )}
            </dd>
            <dt className="text-muted">SHA-256</dt>
            <dd className="font-mono text-xs break-all">{certificate.fingerprint}</dd>
          </dl>
        </li>
      ))}
    </ol>
  );
}
