import { create, type DescMessage, equals, type Message } from '@bufbuild/protobuf';
import { reflect } from '@bufbuild/protobuf/reflect';
import { expect, test } from 'vitest';

import { BodyType, Comparison, HttpPolicy, IpFamily, type MonitorSpec, MonitorSpecSchema, Severity, Source } from '@/gen/openseer/v1/monitor_service_pb';
import { TlsVersion } from '@/gen/openseer/v1/result_pb';

import { authDraftOf } from './auth-draft';
import { draftOf, readSpec, type SpecDraft } from './spec-form';

type Scheme = NonNullable<MonitorSpec['authentication']>['scheme'];

// With every field that there is. Names are those the server gives back.
function everything(scheme: unknown): MonitorSpec {
  return create(MonitorSpecSchema, {
    name: 'All of it',
    url: 'https://example.com/health',
    method: 'POST',
    interval: { seconds: 90n },
    timeout: { nanos: 500_000_000 },
    headers: [{ name: 'Accept', value: 'text/html', sensitive: true }],
    body: new TextEncoder().encode('{"a": 1}'),
    bodyType: BodyType.JSON,
    acceptedStatuses: [{ first: 200, last: 299 }],
    regions: ['eu-central', 'us-east'],
    maxRedirects: 3,
    skipTlsVerification: true,
    authentication: { scheme: scheme as Scheme },
    proxy: { url: 'socks5://proxy.example:1080', username: 'me', password: 'proxy secret' },
    http: HttpPolicy.ONLY_2,
    ipFamily: IpFamily.IPV6,
    connectAddress: '192.0.2.7',
    dnsServer: '9.9.9.9',
    reuseConnection: true,
    tls: { minimum: TlsVersion.TLS_VERSION_1_3, serverName: 'other.example', caPem: 'CA', clientCertificatePem: 'CERTIFICATE', clientKeyPem: 'KEY' },
    assertions: [{ source: Source.HEADER, property: 'Server', comparison: Comparison.MATCHES, target: 'x', severity: Severity.DEGRADED }],
    retries: { count: 2, pause: { seconds: 7n } },
    tags: ['a', 'b'],
  });
}

const schemes = [
  { case: 'basic', value: { username: 'me', password: 'secret' } },
  { case: 'digest', value: { username: 'me', password: 'secret' } },
  { case: 'bearer', value: { token: 'secret' } },
  { case: 'oauth2', value: { tokenUrl: 'https://id.example/token', clientId: 'me', clientSecret: 'secret', scope: 'read', audience: 'api' } },
];

// The first field, by its path, that is not set; google.protobuf's own have zeros.
function missing(schema: DescMessage, message: Message, path = ''): string | undefined {
  const reflected = reflect(schema, message);
  for (const field of schema.fields) {
    if (field.oneof !== undefined && reflected.oneofCase(field.oneof) !== field) continue;
    const name = `${path}.${field.name}`;
    if (!reflected.isSet(field)) return name;
    if (field.message === undefined || field.message.typeName.startsWith('google.')) continue;
    const value: unknown = (message as unknown as Record<string, unknown>)[field.localName];
    const inner = (field.oneof === undefined ? (field.fieldKind === 'list' ? (value as Message[])[0] : value) : reflected.get(field)) as Message | undefined;
    if (field.oneof !== undefined || inner === undefined) continue;
    const found = missing(field.message, inner, name);
    if (found !== undefined) return found;
  }
  return undefined;
}

test.each(schemes)('the form holds all that a specification can say, with $case', (scheme) => {
  const spec = everything(scheme);
  expect(missing(MonitorSpecSchema, spec), 'the test sets every field there is').toBeUndefined();
  // What the server never shows is typed again.
  const draft: SpecDraft = { ...draftOf(spec), proxyPassword: 'proxy secret', clientKeyPem: 'KEY' };
  draft.auth = { ...authDraftOf(spec.authentication), password: 'secret', token: 'secret', clientSecret: 'secret' };
  const read = readSpec(draft);
  expect(read).toHaveProperty('spec');
  if ('spec' in read) expect(equals(MonitorSpecSchema, read.spec, spec), JSON.stringify(draft)).toBe(true);
});

test('secrets are not taken from a specification', () => {
  const draft = JSON.stringify(draftOf(everything(schemes[3])));
  expect(draft).not.toContain('secret');
  expect(draft).not.toContain('KEY');
});

test('what cannot be read is told by field', () => {
  const spec = everything(schemes[0]);
  const read = readSpec({ ...draftOf(spec), interval: 'soon', maxRedirects: '-1', statuses: 'fine' });
  expect(Object.keys('fields' in read ? read.fields : {}).sort()).toEqual(['spec.accepted_statuses', 'spec.interval', 'spec.max_redirects']);
});
