import { Comparison, Source } from '@/gen/openseer/v1/monitor_service_pb';
import { t } from '@/strings';

export const sources: readonly Source[] = Object.values(Source).filter((value): value is Source => typeof value === 'number' && value !== Source.UNSPECIFIED);

const equality = [Comparison.EQUALS, Comparison.NOT_EQUALS];
const content = [Comparison.CONTAINS, Comparison.NOT_CONTAINS, Comparison.MATCHES, Comparison.NOT_MATCHES];
const order = [Comparison.LESS, Comparison.LESS_OR_EQUAL, Comparison.GREATER, Comparison.GREATER_OR_EQUAL];
const presence = [Comparison.EXISTS, Comparison.NOT_EXISTS];

// What the server takes, the usual first. tests/e2e/form.spec.ts holds it to that.
export function comparisonsOf(source: Source): readonly Comparison[] {
  switch (source) {
    case Source.HEADER:
    case Source.BODY:
    case Source.JSON:
      return [...content, ...equality, ...presence, ...order, Comparison.IN];
    case Source.CERTIFICATE_ISSUER:
      return [...content, ...equality, ...presence, Comparison.IN];
    case Source.STATUS:
    case Source.HTTP_VERSION:
    case Source.TLS_VERSION:
      return [Comparison.IN, ...equality, ...order];
    case Source.BODY_SHA256:
    case Source.REMOTE_ADDRESS:
      return [...equality, Comparison.IN];
    default:
      return [...order, ...equality];
  }
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
