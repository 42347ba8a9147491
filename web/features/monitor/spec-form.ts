import { create } from '@bufbuild/protobuf';

import {
  type Header,
  HeaderSchema,
  type MonitorSpec,
  MonitorSpecSchema,
} from '@/gen/openseer/v1/monitor_service_pb';
import { formatSetting, parseSetting } from '@/shared/format/duration';

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

// What a person has typed, exactly as typed.
export interface SpecDraft {
  name: string;
  url: string;
  method: string;
  interval: string;
  timeout: string;
  headers: HeaderDraft[];
  body: string;
  // A stored body that is not text; sent back as it is unless a text replaces it.
  binaryBody: Uint8Array | undefined;
  statuses: string;
  // Empty: any worker.
  regions: string[];
  maxRedirects: string;
  skipTlsVerification: boolean;
}

export const newDraft: SpecDraft = {
  name: '',
  url: '',
  method: 'GET',
  interval: '60 s',
  timeout: '10 s',
  headers: [],
  body: '',
  binaryBody: undefined,
  statuses: '200-299',
  regions: [],
  maxRedirects: '10',
  skipTlsVerification: false,
};

export function draftOf(spec: MonitorSpec): SpecDraft {
  const body = textOf(spec.body);
  return {
    name: spec.name,
    url: spec.url,
    method: spec.method || 'GET',
    interval: spec.interval === undefined ? newDraft.interval : formatSetting(spec.interval),
    timeout: spec.timeout === undefined ? newDraft.timeout : formatSetting(spec.timeout),
    headers: spec.headers.map((header, key) => ({
      key,
      name: header.name,
      value: header.value,
      sensitive: header.sensitive,
      stored: header.sensitive,
    })),
    body: body ?? '',
    binaryBody: body === undefined ? spec.body : undefined,
    statuses: spec.acceptedStatuses.length === 0 ? newDraft.statuses : formatStatuses(spec.acceptedStatuses),
    regions: spec.regions.filter((region) => region !== 'global' || spec.regions.length > 1),
    maxRedirects: String(spec.maxRedirects ?? newDraft.maxRedirects),
    skipTlsVerification: spec.skipTlsVerification,
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
  const interval = parseSetting(draft.interval);
  if (interval === undefined) fields['spec.interval'] = 'Enter a time such as "30 s", "5 min" or "1 h".';
  const timeout = parseSetting(draft.timeout);
  if (timeout === undefined) fields['spec.timeout'] = 'Enter a time such as "10 s" or "500 ms".';
  const acceptedStatuses = parseStatuses(draft.statuses);
  if (acceptedStatuses === undefined) fields['spec.accepted_statuses'] = 'Enter codes and ranges such as "200-299, 404".';
  if (!/^\d{1,6}$/.test(draft.maxRedirects.trim())) fields['spec.max_redirects'] = 'Enter a whole number, 0 to follow none.';
  draft.headers.forEach(({ value, sensitive, stored }, index) => {
    if (stored && !sensitive && value === '') {
      fields[`spec.headers[${index}].value`] = 'Enter the value again: the stored secret cannot be shown.';
    }
  });
  if (Object.keys(fields).length > 0) return { fields };

  return {
    spec: create(MonitorSpecSchema, {
      name: draft.name.trim(),
      url: draft.url.trim(),
      method: draft.method,
      interval,
      timeout,
      headers: draft.headers.map(headerOf),
      body: draft.body === '' ? draft.binaryBody : new TextEncoder().encode(draft.body),
      acceptedStatuses,
      regions: draft.regions,
      maxRedirects: Number(draft.maxRedirects),
      skipTlsVerification: draft.skipTlsVerification,
    }),
  };
}

function headerOf({ name, value, sensitive }: HeaderDraft): Header {
  return create(HeaderSchema, { name: name.trim(), value, sensitive });
}

function textOf(body: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body);
  } catch {
    return undefined;
  }
}
