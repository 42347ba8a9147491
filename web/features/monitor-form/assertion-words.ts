import { Comparison, Source } from '@/gen/openseer/v1/monitor_service_pb';
import { t } from '@/strings';

const numeric: ReadonlySet<Source> = new Set([
  Source.STATUS,
  Source.TOTAL_TIME,
  Source.DNS_TIME,
  Source.CONNECT_TIME,
  Source.TLS_TIME,
  Source.WAIT_TIME,
  Source.DOWNLOAD_TIME,
  Source.BODY_SIZE,
  Source.CERTIFICATE_DAYS_LEFT,
]);

export const sources: readonly Source[] = Object.values(Source).filter((value): value is Source => typeof value === 'number' && value !== Source.UNSPECIFIED);

const text = [Comparison.CONTAINS, Comparison.NOT_CONTAINS, Comparison.EQUALS, Comparison.NOT_EQUALS, Comparison.MATCHES, Comparison.NOT_MATCHES];
const order = [Comparison.LESS, Comparison.LESS_OR_EQUAL, Comparison.GREATER, Comparison.GREATER_OR_EQUAL, Comparison.EQUALS, Comparison.NOT_EQUALS];
const presence = [Comparison.EXISTS, Comparison.NOT_EXISTS];

// Those that make sense of it; the server has the last word.
export function comparisonsOf(source: Source): readonly Comparison[] {
  if (source === Source.STATUS) return [Comparison.IN, ...order];
  if (source === Source.JSON) return [...text, ...order.slice(0, 4), ...presence, Comparison.IN];
  if (source === Source.HEADER) return [...text, ...presence, Comparison.IN];
  if (source === Source.REMOTE_ADDRESS || source === Source.HTTP_VERSION || source === Source.TLS_VERSION) {
    return [Comparison.EQUALS, Comparison.NOT_EQUALS, Comparison.IN];
  }
  return numeric.has(source) ? order : [...text, Comparison.IN];
}

export function needsProperty(source: Source): boolean {
  return source === Source.HEADER || source === Source.JSON;
}

export function needsTarget(comparison: Comparison): boolean {
  return comparison !== Comparison.EXISTS && comparison !== Comparison.NOT_EXISTS;
}

export function sourceWords(source: Source): string {
  return (t().sources as Readonly<Record<string, string>>)[Source[source]] ?? Source[source];
}

export function comparisonWords(comparison: Comparison): string {
  return (t().comparisons as Readonly<Record<string, string>>)[Comparison[comparison]] ?? Comparison[comparison];
}
