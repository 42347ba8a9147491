import { useEffect, useState } from 'react';

import type { MonitorSpec } from '@/gen/openseer/v1/monitor_service_pb';
import { refusalOf } from '@/shared/api/errors';

import { readSpec, type SpecDraft } from './spec-form';

// After the last key; the server is asked no more often.
const settleMs = 400;

export type Check = (spec: MonitorSpec, signal: AbortSignal) => Promise<unknown>;

// Which part of a specification a field of the draft becomes.
const paths: Readonly<Record<keyof SpecDraft, string>> = {
  name: 'spec.name',
  url: 'spec.url',
  method: 'spec.method',
  interval: 'spec.interval',
  timeout: 'spec.timeout',
  headers: 'spec.headers',
  bodyType: 'spec.body',
  body: 'spec.body',
  binaryBody: 'spec.body',
  statuses: 'spec.accepted_statuses',
  regions: 'spec.regions',
  maxRedirects: 'spec.max_redirects',
  skipTlsVerification: 'spec.skip_tls_verification',
  auth: 'spec.authentication',
  proxyUrl: 'spec.proxy',
  proxyUsername: 'spec.proxy',
  proxyPassword: 'spec.proxy',
  http: 'spec.http',
  ipFamily: 'spec.ip_family',
  connectAddress: 'spec.connect_address',
  dnsServer: 'spec.dns_server',
  reuseConnection: 'spec.reuse_connection',
  tlsMinimum: 'spec.tls',
  serverName: 'spec.tls',
  caPem: 'spec.tls',
  clientCertificatePem: 'spec.tls',
  clientKeyPem: 'spec.tls',
  assertions: 'spec.assertions',
  retries: 'spec.retries',
  retryPause: 'spec.retries',
  tags: 'spec.tags',
};

// What the server would refuse, in its own words, of the fields that have been
// changed: nobody is told off for what they have not come to yet.
export function useLiveViolations(draft: SpecDraft, initial: SpecDraft, check: Check): Readonly<Record<string, string>> {
  const [fields, setFields] = useState<Readonly<Record<string, string>>>({});
  useEffect(() => {
    const changed = (Object.keys(paths) as (keyof SpecDraft)[]).filter((field) => draft[field] !== initial[field]).map((field) => paths[field]);
    if (changed.length === 0) return undefined;
    const mine = (all: Readonly<Record<string, string>>) =>
      Object.fromEntries(Object.entries(all).filter(([path]) => changed.some((prefix) => path === prefix || path.startsWith(`${prefix}.`) || path.startsWith(`${prefix}[`) || path.startsWith(`${prefix}_`))));
    const abort = new AbortController();
    const timer = setTimeout(() => {
      const read = readSpec(draft);
      if ('fields' in read) {
        setFields(mine(read.fields));
        return;
      }
      check(read.spec, abort.signal).then(
        () => setFields({}),
        (cause: unknown) => {
          if (!abort.signal.aborted) setFields(mine(refusalOf(cause).fields));
        },
      );
    }, settleMs);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [draft, initial, check]);
  return fields;
}
