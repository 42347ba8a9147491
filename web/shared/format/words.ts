import { Role } from '@/gen/openseer/v1/auth_service_pb';
import { Range } from '@/gen/openseer/v1/metrics_service_pb';
import { MonitorState } from '@/gen/openseer/v1/monitor_service_pb';
import { HttpVersion, Outcome, Reason, type Result, TlsVersion } from '@/gen/openseer/v1/result_pb';
import { t } from '@/strings';

// A value that this page does not know yet still reads as something.
function named(names: Readonly<Record<string, string>>, key: string | undefined, fallback: string): string {
  return key === undefined ? fallback : (names[key] ?? fallback);
}

export function stateWords(state: MonitorState): string {
  return named(t().states, MonitorState[state], t().states.UNSPECIFIED);
}

export const rangeWords: Readonly<Record<Range, string>> = {
  [Range.RANGE_UNSPECIFIED]: '24 h',
  [Range.RANGE_1H]: '1 h',
  [Range.RANGE_24H]: '24 h',
  [Range.RANGE_7D]: '7 d',
  [Range.RANGE_30D]: '30 d',
  [Range.RANGE_90D]: '90 d',
};

export const httpVersionWords: Readonly<Record<HttpVersion, string>> = {
  [HttpVersion.HTTP_VERSION_UNSPECIFIED]: '–',
  [HttpVersion.HTTP_VERSION_1_0]: 'HTTP/1.0',
  [HttpVersion.HTTP_VERSION_1_1]: 'HTTP/1.1',
  [HttpVersion.HTTP_VERSION_2]: 'HTTP/2',
};

export const tlsVersionWords: Readonly<Record<TlsVersion, string>> = {
  [TlsVersion.TLS_VERSION_UNSPECIFIED]: '–',
  [TlsVersion.TLS_VERSION_1_0]: 'TLS 1.0',
  [TlsVersion.TLS_VERSION_1_1]: 'TLS 1.1',
  [TlsVersion.TLS_VERSION_1_2]: 'TLS 1.2',
  [TlsVersion.TLS_VERSION_1_3]: 'TLS 1.3',
};

export function reasonWords(reason: Reason): string {
  return named(t().reasons, Reason[reason], t().reasons.UNSPECIFIED);
}

export function roleWords(role: Role): string {
  return named(t().roles, Role[role], '–');
}

// Two or three words for what happened.
export function resultWords(result: Result): string {
  if (result.outcome === Outcome.OK) return t().results.ok;
  if (result.outcome === Outcome.DEGRADED) return t().results.degraded;
  return reasonWords(result.reason);
}
