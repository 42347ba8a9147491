import { Range } from '@/gen/openseer/v1/metrics_service_pb';
import { MonitorState } from '@/gen/openseer/v1/monitor_service_pb';
import { HttpVersion, Outcome, Reason, type Result } from '@/gen/openseer/v1/result_pb';

export const stateWords: Readonly<Record<MonitorState, string>> = {
  [MonitorState.UNSPECIFIED]: 'Unknown',
  [MonitorState.PENDING]: 'Pending',
  [MonitorState.UP]: 'Up',
  [MonitorState.DEGRADED]: 'Degraded',
  [MonitorState.DOWN]: 'Down',
  [MonitorState.NO_DATA]: 'No data',
  [MonitorState.PAUSED]: 'Paused',
};

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

const reasonWords: Readonly<Record<Reason, string>> = {
  [Reason.UNSPECIFIED]: 'Failed',
  [Reason.DNS_NOT_FOUND]: 'Name not found',
  [Reason.DNS_FAILED]: 'Name resolution failed',
  [Reason.CONNECT_REFUSED]: 'Connection refused',
  [Reason.CONNECT_UNREACHABLE]: 'Host unreachable',
  [Reason.CONNECT_FAILED]: 'Connection failed',
  [Reason.TLS_EXPIRED]: 'Certificate expired',
  [Reason.TLS_HOST_MISMATCH]: 'Certificate of another host',
  [Reason.TLS_SELF_SIGNED]: 'Self-signed certificate',
  [Reason.TLS_UNTRUSTED]: 'Untrusted certificate',
  [Reason.TLS_HANDSHAKE]: 'TLS handshake failed',
  [Reason.TIMEOUT_DNS]: 'Timed out resolving',
  [Reason.TIMEOUT_CONNECT]: 'Timed out connecting',
  [Reason.TIMEOUT_TLS]: 'Timed out in TLS',
  [Reason.TIMEOUT_FIRST_BYTE]: 'Timed out waiting',
  [Reason.TIMEOUT_DOWNLOAD]: 'Timed out downloading',
  [Reason.CONNECTION_LOST]: 'Connection lost',
  [Reason.PROTOCOL]: 'Not valid HTTP',
  [Reason.STATUS]: 'Unexpected status',
  [Reason.BODY_LIMIT]: 'Answer too large',
  [Reason.REDIRECT_LIMIT]: 'Too many redirects',
  [Reason.EGRESS_DENIED]: 'Address not allowed',
  [Reason.WORKER]: 'Worker overloaded',
  [Reason.DNS_SERVER_FAILURE]: 'DNS server failed',
  [Reason.DNS_NO_ADDRESS]: 'Name without address',
  [Reason.CONNECT_RESET]: 'Reset while connecting',
  [Reason.TLS_RESET]: 'Reset in TLS',
  [Reason.REQUEST_RESET]: 'Reset after the request',
  [Reason.HEADER_RESET]: 'Reset in the headers',
  [Reason.BODY_RESET]: 'Reset in the body',
  [Reason.TIMEOUT_TOTAL]: 'Timed out',
  [Reason.TLS_NOT_YET_VALID]: 'Certificate not yet valid',
  [Reason.TLS_MISSING_INTERMEDIATE]: 'Intermediate certificate missing',
  [Reason.TLS_REVOKED]: 'Certificate revoked',
  [Reason.TLS_WEAK]: 'Weak certificate or key',
  [Reason.TLS_VERSION]: 'No common TLS version',
  [Reason.TLS_CLIENT_CERTIFICATE]: 'Client certificate refused',
  [Reason.TLS_CERTIFICATE]: 'Faulty certificate',
  [Reason.MALFORMED_STATUS_LINE]: 'Malformed status line',
  [Reason.MALFORMED_HEADER]: 'Malformed header',
  [Reason.MALFORMED_LENGTH]: 'Malformed length',
  [Reason.MALFORMED_CHUNK]: 'Malformed chunk',
  [Reason.MALFORMED_HTTP2]: 'Malformed HTTP/2',
  [Reason.MALFORMED_ENCODING]: 'Malformed encoding',
  [Reason.HEADER_LIMIT]: 'Headers too large',
  [Reason.HTTP_VERSION_REFUSED]: 'HTTP version refused',
  [Reason.PROXY]: 'Proxy failed',
  [Reason.AUTHENTICATION]: 'Authentication failed',
  [Reason.REDIRECT_INVALID]: 'Invalid redirect',
  [Reason.ASSERT_HEADER]: 'Unexpected header',
  [Reason.ASSERT_BODY]: 'Unexpected body',
  [Reason.ASSERT_JSON]: 'Unexpected JSON',
  [Reason.ASSERT_HASH]: 'Unexpected hash',
  [Reason.ASSERT_TIME]: 'Too slow',
  [Reason.ASSERT_SIZE]: 'Unexpected size',
  [Reason.ASSERT_CERTIFICATE]: 'Unexpected certificate',
  [Reason.ASSERT_VERSION]: 'Unexpected version',
  [Reason.ASSERT_ADDRESS]: 'Unexpected address',
};

// Two or three words for what happened. A reason this page does not know yet
// still reads as a failure.
export function resultWords(result: Result): string {
  if (result.outcome === Outcome.OK) return 'OK';
  return (reasonWords as Readonly<Record<number, string>>)[result.reason] ?? 'Failed';
}
