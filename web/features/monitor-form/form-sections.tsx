import { type ReactNode, useState } from 'react';

import { Checkbox, PasswordField, SelectField, TextArea, TextField } from '@/components/ui/field';
import { ChevronRightIcon } from '@/components/ui/icons';
import { Notice } from '@/components/ui/notice';
import { BodyType, HttpPolicy, IpFamily } from '@/gen/openseer/v1/monitor_service_pb';
import { TlsVersion } from '@/gen/openseer/v1/result_pb';
import { type Refusal, violationOf } from '@/shared/api/errors';
import { tlsVersionWords } from '@/shared/format/words';
import { t } from '@/strings';

import { AssertionsField } from './assertions-field';
import { AuthField } from './auth-field';
import { HeadersField } from './headers-field';
import { RegionsField } from './regions-field';
import { newDraft, type SpecDraft } from './spec-form';

export interface SectionProps {
  draft: SpecDraft;
  refusal: Refusal;
  set: (change: Partial<SpecDraft>) => void;
}

const plainText = { autoComplete: 'off', spellCheck: false } as const;

interface FoldProps {
  title: string;
  // What is set now, or what the default means.
  summary: string;
  // Opens by itself when something inside is set or wrong.
  opened: boolean;
  children: ReactNode;
}

function Fold({ title, summary, opened, children }: FoldProps) {
  const [open, setOpen] = useState(opened);
  const [was, setWas] = useState(opened);
  if (opened !== was) {
    setWas(opened);
    if (opened) setOpen(true);
  }
  return (
    <details className="group card" open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary className="flex items-center gap-3 rounded-[0.625rem] px-4 py-3 hover:bg-hover sm:px-5 [&::-webkit-details-marker]:hidden">
        <ChevronRightIcon className="size-4 text-muted transition-transform group-open:rotate-90" />
        <h2 className="shrink-0 text-base font-semibold">{title}</h2>
        <span className="ml-auto min-w-0 truncate text-sm text-muted">{summary}</span>
      </summary>
      <div className="grid gap-4 border-t border-line p-4 sm:p-5">{children}</div>
    </details>
  );
}

function wrong(refusal: Refusal, fields: string[]): boolean {
  return fields.some((field) => violationOf(refusal, `spec.${field}`) !== undefined);
}

export function ScheduleSection({ draft, refusal, set }: SectionProps) {
  const s = t().form;
  const changed = draft.interval !== newDraft.interval || draft.timeout !== newDraft.timeout || draft.retries !== newDraft.retries;
  return (
    <Fold title={s.schedule} summary={s.scheduleSummary(draft.interval, draft.timeout)} opened={changed || wrong(refusal, ['interval', 'timeout', 'retries'])}>
      <div className="grid gap-4 sm:grid-cols-2 sm:items-start">
        <TextField {...plainText} label={s.interval} hint={s.intervalHint} value={draft.interval} onValue={(interval) => set({ interval })} error={violationOf(refusal, 'spec.interval')} />
        <TextField {...plainText} label={s.timeout} hint={s.timeoutHint} value={draft.timeout} onValue={(timeout) => set({ timeout })} error={violationOf(refusal, 'spec.timeout')} />
        <TextField
          {...plainText}
          label={s.retries}
          inputMode="numeric"
          hint={s.retriesHint}
          value={draft.retries}
          onValue={(retries) => set({ retries })}
          error={violationOf(refusal, 'spec.retries.count')}
        />
        <TextField {...plainText} label={s.retryPause} value={draft.retryPause} onValue={(retryPause) => set({ retryPause })} error={violationOf(refusal, 'spec.retries.pause')} />
      </div>
    </Fold>
  );
}

export function WhereSection({ draft, refusal, set }: SectionProps) {
  const s = t().form;
  return (
    <Fold title={s.where} summary={draft.regions.length === 0 ? s.anyWorker : draft.regions.join(', ')} opened={draft.regions.length > 0 || wrong(refusal, ['regions'])}>
      <RegionsField regions={draft.regions} onRegions={(regions) => set({ regions })} error={violationOf(refusal, 'spec.regions')} />
    </Fold>
  );
}

export function AnswerSection({ draft, refusal, set }: SectionProps) {
  const s = t().form;
  return (
    <Fold
      title={s.answer}
      summary={s.answerSummary(draft.statuses, draft.assertions.length)}
      opened={draft.statuses !== '' || draft.assertions.length > 0 || draft.maxRedirects !== newDraft.maxRedirects || wrong(refusal, ['accepted_statuses', 'assertions', 'max_redirects'])}
    >
      <div className="grid gap-4 sm:grid-cols-2 sm:items-start">
        <TextField {...plainText} label={s.statuses} placeholder="200-299" hint={s.statusesHint} value={draft.statuses} onValue={(statuses) => set({ statuses })} error={violationOf(refusal, 'spec.accepted_statuses')} />
        <TextField
          {...plainText}
          label={s.redirects}
          inputMode="numeric"
          hint={s.redirectsHint}
          value={draft.maxRedirects}
          onValue={(maxRedirects) => set({ maxRedirects })}
          error={violationOf(refusal, 'spec.max_redirects')}
        />
      </div>
      <AssertionsField assertions={draft.assertions} refusal={refusal} onAssertions={(assertions) => set({ assertions })} />
    </Fold>
  );
}

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

export function RequestSection({ draft, refusal, set }: SectionProps) {
  const s = t().form;
  const changed = draft.method !== 'GET' || draft.headers.length > 0 || draft.body !== '' || draft.binaryBody !== undefined || draft.auth.scheme !== 'none';
  return (
    <Fold
      title={s.request}
      summary={s.requestSummary(draft.method, draft.headers.length)}
      opened={changed || wrong(refusal, ['method', 'headers', 'body', 'body_type', 'authentication'])}
    >
      <div className="grid gap-4 sm:grid-cols-2 sm:items-start">
        <TextField {...plainText} label={s.method} list="methods" value={draft.method} onValue={(method) => set({ method })} error={violationOf(refusal, 'spec.method')} />
        <datalist id="methods">
          {methods.map((method) => (
            <option key={method} value={method} />
          ))}
        </datalist>
        <SelectField
          label={s.bodyType}
          options={[BodyType.UNSPECIFIED, BodyType.JSON, BodyType.FORM, BodyType.BINARY].map((value) => ({ value, text: s.bodyTypes[BodyType[value] as keyof typeof s.bodyTypes] }))}
          value={draft.bodyType}
          onValue={(bodyType) => set({ bodyType })}
          error={violationOf(refusal, 'spec.body_type')}
        />
      </div>
      <HeadersField headers={draft.headers} refusal={refusal} onHeaders={(headers) => set({ headers })} />
      <TextArea
        label={s.body}
        error={violationOf(refusal, 'spec.body')}
        hint={draft.binaryBody === undefined ? undefined : s.binaryBody(draft.binaryBody.length)}
        value={draft.body}
        onValue={(body) => set({ body })}
      />
      <AuthField auth={draft.auth} refusal={refusal} onAuth={(auth) => set({ auth })} />
    </Fold>
  );
}

export function ConnectionSection({ draft, refusal, set }: SectionProps) {
  const s = t().form;
  const fields = ['proxy', 'http', 'ip_family', 'connect_address', 'dns_server', 'reuse_connection'];
  const changed =
    draft.proxyUrl !== '' || draft.http !== HttpPolicy.UNSPECIFIED || draft.ipFamily !== IpFamily.UNSPECIFIED || draft.connectAddress !== '' || draft.dnsServer !== '' || draft.reuseConnection;
  return (
    <Fold title={s.connection} summary={changed ? s.custom : s.connectionSummary} opened={changed || wrong(refusal, fields)}>
      <div className="grid gap-4 sm:grid-cols-2 sm:items-start">
        <SelectField
          label={s.http}
          options={[HttpPolicy.UNSPECIFIED, HttpPolicy.ONLY_1_1, HttpPolicy.ONLY_2, HttpPolicy.PRIOR_KNOWLEDGE_2].map((value) => ({ value, text: s.httpPolicies[HttpPolicy[value] as keyof typeof s.httpPolicies] }))}
          value={draft.http}
          onValue={(http) => set({ http })}
          error={violationOf(refusal, 'spec.http')}
        />
        <SelectField
          label={s.ipFamily}
          options={[IpFamily.UNSPECIFIED, IpFamily.IPV4, IpFamily.IPV6].map((value) => ({ value, text: s.ipFamilies[IpFamily[value] as keyof typeof s.ipFamilies] }))}
          value={draft.ipFamily}
          onValue={(ipFamily) => set({ ipFamily })}
          error={violationOf(refusal, 'spec.ip_family')}
        />
        <TextField {...plainText} label={s.connectAddress} placeholder="192.0.2.7" hint={s.connectAddressHint} value={draft.connectAddress} onValue={(connectAddress) => set({ connectAddress })} error={violationOf(refusal, 'spec.connect_address')} />
        <TextField {...plainText} label={s.dnsServer} placeholder="9.9.9.9" hint={s.dnsServerHint} value={draft.dnsServer} onValue={(dnsServer) => set({ dnsServer })} error={violationOf(refusal, 'spec.dns_server')} />
        <div className="sm:col-span-2">
          <TextField {...plainText} label={s.proxy} placeholder="socks5://proxy.example:1080" hint={s.proxyHint} value={draft.proxyUrl} onValue={(proxyUrl) => set({ proxyUrl })} error={violationOf(refusal, 'spec.proxy.url')} />
        </div>
        {draft.proxyUrl !== '' && (
          <>
            <TextField {...plainText} label={s.proxyUsername} value={draft.proxyUsername} onValue={(proxyUsername) => set({ proxyUsername })} error={violationOf(refusal, 'spec.proxy.username')} />
            <PasswordField label={s.proxyPassword} autoComplete="new-password" hint={s.secretHint} value={draft.proxyPassword} onValue={(proxyPassword) => set({ proxyPassword })} error={violationOf(refusal, 'spec.proxy.password')} />
          </>
        )}
      </div>
      <Checkbox label={s.reuse} hint={s.reuseHint} checked={draft.reuseConnection} onChecked={(reuseConnection) => set({ reuseConnection })} />
    </Fold>
  );
}

export function TlsSection({ draft, refusal, set }: SectionProps) {
  const s = t().form;
  const changed =
    draft.skipTlsVerification || draft.tlsMinimum !== TlsVersion.TLS_VERSION_UNSPECIFIED || draft.serverName !== '' || draft.caPem !== '' || draft.clientCertificatePem !== '';
  return (
    <Fold title="TLS" summary={draft.skipTlsVerification ? s.notVerified : s.verified} opened={changed || wrong(refusal, ['tls', 'skip_tls_verification'])}>
      <div className="grid gap-4 sm:grid-cols-2 sm:items-start">
        <SelectField
          label={s.tlsMinimum}
          options={[TlsVersion.TLS_VERSION_UNSPECIFIED, TlsVersion.TLS_VERSION_1_0, TlsVersion.TLS_VERSION_1_1, TlsVersion.TLS_VERSION_1_2, TlsVersion.TLS_VERSION_1_3].map((value) => ({
            value,
            text: value === TlsVersion.TLS_VERSION_UNSPECIFIED ? s.tlsDefault : tlsVersionWords[value],
          }))}
          value={draft.tlsMinimum}
          onValue={(tlsMinimum) => set({ tlsMinimum })}
          error={violationOf(refusal, 'spec.tls.minimum')}
        />
        <TextField {...plainText} label={s.serverName} hint={s.serverNameHint} value={draft.serverName} onValue={(serverName) => set({ serverName })} error={violationOf(refusal, 'spec.tls.server_name')} />
      </div>
      <TextArea label={s.ca} rows={3} hint={s.caHint} placeholder="-----BEGIN CERTIFICATE-----" value={draft.caPem} onValue={(caPem) => set({ caPem })} error={violationOf(refusal, 'spec.tls.ca_pem')} />
      <TextArea label={s.clientCertificate} rows={3} placeholder="-----BEGIN CERTIFICATE-----" value={draft.clientCertificatePem} onValue={(clientCertificatePem) => set({ clientCertificatePem })} error={violationOf(refusal, 'spec.tls.client_certificate_pem')} />
      <TextArea label={s.clientKey} rows={3} hint={s.secretHint} placeholder="-----BEGIN PRIVATE KEY-----" value={draft.clientKeyPem} onValue={(clientKeyPem) => set({ clientKeyPem })} error={violationOf(refusal, 'spec.tls.client_key_pem')} />
      <Checkbox label={s.skipVerification} hint={s.skipVerificationHint} checked={draft.skipTlsVerification} onChecked={(skipTlsVerification) => set({ skipTlsVerification })} />
      {draft.skipTlsVerification && (
        <Notice tone="error">
          <strong>{s.dangerous}</strong> {s.dangerousNote}
        </Notice>
      )}
      {violationOf(refusal, 'spec.skip_tls_verification') !== undefined && <Notice tone="error">{violationOf(refusal, 'spec.skip_tls_verification')}</Notice>}
    </Fold>
  );
}
