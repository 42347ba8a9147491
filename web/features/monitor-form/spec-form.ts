import { create } from '@bufbuild/protobuf';

import {
  type Assertion,
  AssertionSchema,
  BodyType,
  Comparison,
  type Header,
  HeaderSchema,
  HttpPolicy,
  IpFamily,
  type MonitorSpec,
  MonitorSpecSchema,
  Severity,
  Source,
} from '@/gen/openseer/v1/monitor_service_pb';
import { TlsVersion } from '@/gen/openseer/v1/result_pb';
import { formatSetting, parseSetting } from '@/shared/format/duration';
import { t } from '@/strings';

import { type AuthDraft, authDraftOf, authOf, noAuth } from './auth-draft';
import { formatStatuses, parseStatuses } from './statuses';

export interface HeaderDraft {
  // Identity in the form, not on the wire.
  key: number;
  name: string;
  value: string;
  sensitive: boolean;
  // The server keeps a value that it does not show.
  stored: boolean;
}

export interface AssertionDraft {
  key: number;
  source: Source;
  property: string;
  comparison: Comparison;
  target: string;
  severity: Severity;
}

// What a person has typed, exactly as typed.
export interface SpecDraft {
  name: string;
  url: string;
  method: string;
  interval: string;
  timeout: string;
  headers: HeaderDraft[];
  bodyType: BodyType;
  body: string;
  // A stored body that is not text; sent back as it is unless a text replaces it.
  binaryBody: Uint8Array | undefined;
  statuses: string;
  // Empty: any worker.
  regions: string[];
  maxRedirects: string;
  skipTlsVerification: boolean;
  auth: AuthDraft;
  proxyUrl: string;
  proxyUsername: string;
  proxyPassword: string;
  http: HttpPolicy;
  ipFamily: IpFamily;
  connectAddress: string;
  dnsServer: string;
  reuseConnection: boolean;
  tlsMinimum: TlsVersion;
  serverName: string;
  caPem: string;
  clientCertificatePem: string;
  clientKeyPem: string;
  assertions: AssertionDraft[];
  retries: string;
  retryPause: string;
  // Separated by commas.
  tags: string;
}

export const newDraft: SpecDraft = {
  name: '',
  url: '',
  method: 'GET',
  interval: '60 s',
  timeout: '10 s',
  headers: [],
  bodyType: BodyType.UNSPECIFIED,
  body: '',
  binaryBody: undefined,
  statuses: '',
  regions: [],
  maxRedirects: '10',
  skipTlsVerification: false,
  auth: noAuth,
  proxyUrl: '',
  proxyUsername: '',
  proxyPassword: '',
  http: HttpPolicy.UNSPECIFIED,
  ipFamily: IpFamily.UNSPECIFIED,
  connectAddress: '',
  dnsServer: '',
  reuseConnection: false,
  tlsMinimum: TlsVersion.TLS_VERSION_UNSPECIFIED,
  serverName: '',
  caPem: '',
  clientCertificatePem: '',
  clientKeyPem: '',
  assertions: [],
  retries: '0',
  retryPause: '5 s',
  tags: '',
};

export function draftOf(spec: MonitorSpec): SpecDraft {
  const body = textOf(spec.body);
  return {
    name: spec.name,
    url: spec.url,
    method: spec.method === '' ? 'GET' : spec.method,
    interval: spec.interval === undefined ? newDraft.interval : formatSetting(spec.interval),
    timeout: spec.timeout === undefined ? newDraft.timeout : formatSetting(spec.timeout),
    headers: spec.headers.map((header, key) => ({ key, name: header.name, value: header.value, sensitive: header.sensitive, stored: header.sensitive })),
    bodyType: spec.bodyType,
    body: body ?? '',
    binaryBody: body === undefined ? spec.body : undefined,
    statuses: formatStatuses(spec.acceptedStatuses),
    regions: spec.regions.filter((region) => region !== 'global' || spec.regions.length > 1),
    maxRedirects: String(spec.maxRedirects ?? newDraft.maxRedirects),
    skipTlsVerification: spec.skipTlsVerification,
    auth: authDraftOf(spec.authentication),
    proxyUrl: spec.proxy?.url ?? '',
    proxyUsername: spec.proxy?.username ?? '',
    proxyPassword: '',
    http: spec.http,
    ipFamily: spec.ipFamily,
    connectAddress: spec.connectAddress,
    dnsServer: spec.dnsServer,
    reuseConnection: spec.reuseConnection,
    tlsMinimum: spec.tls?.minimum ?? newDraft.tlsMinimum,
    serverName: spec.tls?.serverName ?? '',
    caPem: spec.tls?.caPem ?? '',
    clientCertificatePem: spec.tls?.clientCertificatePem ?? '',
    clientKeyPem: '',
    assertions: spec.assertions.map(({ source, property, comparison, target, severity }, key) => ({ key, source, property, comparison, target, severity })),
    retries: String(spec.retries?.count ?? 0),
    retryPause: spec.retries?.pause === undefined ? newDraft.retryPause : formatSetting(spec.retries.pause),
    tags: spec.tags.join(', '),
  };
}

// Rows in which nothing was typed are not meant.
export function withoutEmptyHeaders(draft: SpecDraft): SpecDraft {
  return { ...draft, headers: draft.headers.filter(({ name, value, stored }) => name !== '' || value !== '' || stored) };
}

// The specification, or what cannot be read, by the field's path. What is
// allowed is the server's to judge.
export function readSpec(draft: SpecDraft): { spec: MonitorSpec } | { fields: Record<string, string> } {
  const fields: Record<string, string> = {};
  const s = t().form.unreadable;
  const interval = parseSetting(draft.interval);
  if (interval === undefined) fields['spec.interval'] = s.time('“30 s”, “5 min”, “1 h”');
  const timeout = parseSetting(draft.timeout);
  if (timeout === undefined) fields['spec.timeout'] = s.time('“10 s”, “500 ms”');
  const acceptedStatuses = parseStatuses(draft.statuses);
  if (acceptedStatuses === undefined) fields['spec.accepted_statuses'] = s.statuses;
  if (!isWhole(draft.maxRedirects)) fields['spec.max_redirects'] = s.redirects;
  if (!isWhole(draft.retries)) fields['spec.retries.count'] = s.number;
  const pause = parseSetting(draft.retryPause);
  if (pause === undefined) fields['spec.retries.pause'] = s.time('“5 s”, “500 ms”');
  draft.headers.forEach(({ value, sensitive, stored }, index) => {
    if (stored && !sensitive && value === '') fields[`spec.headers[${index}].value`] = s.secretAgain;
  });
  if (Object.keys(fields).length > 0) return { fields };

  const retries = Number(draft.retries);
  const authentication = authOf(draft.auth);
  return {
    spec: create(MonitorSpecSchema, {
      name: draft.name.trim(),
      url: draft.url.trim(),
      method: draft.method.trim(),
      ...(interval === undefined ? {} : { interval }),
      ...(timeout === undefined ? {} : { timeout }),
      headers: draft.headers.map(headerOf),
      bodyType: draft.bodyType,
      body: draft.body === '' ? draft.binaryBody : new TextEncoder().encode(draft.body),
      acceptedStatuses,
      regions: draft.regions,
      maxRedirects: Number(draft.maxRedirects),
      skipTlsVerification: draft.skipTlsVerification,
      ...(authentication === undefined ? {} : { authentication }),
      ...(draft.proxyUrl.trim() === ''
        ? {}
        : { proxy: { url: draft.proxyUrl.trim(), username: draft.proxyUsername, password: draft.proxyPassword } }),
      http: draft.http,
      ipFamily: draft.ipFamily,
      connectAddress: draft.connectAddress.trim(),
      dnsServer: draft.dnsServer.trim(),
      reuseConnection: draft.reuseConnection,
      ...tlsOf(draft),
      assertions: draft.assertions.map(assertionOf),
      ...(retries === 0 ? {} : { retries: { count: retries, ...(pause === undefined ? {} : { pause }) } }),
      tags: tagsOf(draft.tags),
    }),
  };
}

export function tagsOf(text: string): string[] {
  return [...new Set(text.split(',').map((tag) => tag.trim()))].filter((tag) => tag !== '');
}

function tlsOf({ tlsMinimum, serverName, caPem, clientCertificatePem, clientKeyPem }: SpecDraft) {
  const tls = {
    minimum: tlsMinimum,
    serverName: serverName.trim(),
    caPem: caPem.trim(),
    clientCertificatePem: clientCertificatePem.trim(),
    clientKeyPem: clientKeyPem.trim(),
  };
  return Object.values(tls).every((value) => value === '' || value === TlsVersion.TLS_VERSION_UNSPECIFIED) ? {} : { tls };
}

function assertionOf({ source, property, comparison, target, severity }: AssertionDraft): Assertion {
  return create(AssertionSchema, { source, property: property.trim(), comparison, target, severity });
}

function headerOf({ name, value, sensitive }: HeaderDraft): Header {
  return create(HeaderSchema, { name: name.trim(), value, sensitive });
}

function isWhole(text: string): boolean {
  return /^\d{1,6}$/.test(text.trim());
}

function textOf(body: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body);
  } catch {
    return undefined;
  }
}
