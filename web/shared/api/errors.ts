import { Code, ConnectError } from '@connectrpc/connect';

import { BadRequestSchema } from '@/gen/google/rpc/error_details_pb';
import { t } from '@/strings';

// What a form shows after a refused call: messages by field path, and one for
// the form as a whole when no field is to blame.
export interface Refusal {
  fields: Readonly<Record<string, string>>;
  message: string;
}

export const noRefusal: Refusal = { fields: {}, message: '' };

// One sentence for a person. The server's own words where it refused, ours
// where it could not be reached or failed.
export function describeError(cause: unknown): string {
  const error = ConnectError.from(cause);
  switch (error.code) {
    case Code.Unavailable:
    case Code.Unknown:
    case Code.Canceled:
      return t().errors.unreachable;
    case Code.DeadlineExceeded:
      return t().errors.slow;
    case Code.Internal:
    case Code.DataLoss:
      return t().errors.failed;
    default:
      return sentence(error.rawMessage) || t().errors.refused;
  }
}

export function refusalOf(cause: unknown): Refusal {
  const violations = ConnectError.from(cause)
    .findDetails(BadRequestSchema)
    .flatMap((detail) => detail.fieldViolations);
  if (violations.length === 0) return { fields: {}, message: describeError(cause) };
  const fields: Record<string, string> = {};
  for (const { field, description } of violations) fields[field] ??= sentence(description);
  return { fields, message: '' };
}

// The message for `path` or for anything inside it ("spec.regions" also shows
// what is wrong with "spec.regions[1]").
export function violationOf(refusal: Refusal, path: string): string | undefined {
  const exact = refusal.fields[path];
  if (exact !== undefined) return exact;
  const inside = Object.keys(refusal.fields).find((field) => field.startsWith(`${path}[`) || field.startsWith(`${path}.`));
  return inside === undefined ? undefined : refusal.fields[inside];
}

// Messages of fields that the form does not show under any of `paths`.
export function otherViolations(refusal: Refusal, paths: readonly string[]): string[] {
  const shown = (field: string) =>
    paths.some((path) => field === path || field.startsWith(`${path}[`) || field.startsWith(`${path}.`));
  return Object.entries(refusal.fields)
    .filter(([field]) => !shown(field))
    .map(([field, description]) => `${field}: ${description}`);
}

export function isCode(cause: unknown, code: Code): boolean {
  return ConnectError.from(cause).code === code;
}

function sentence(text: string): string {
  const trimmed = text.trim();
  if (trimmed === '') return '';
  const capital = trimmed.charAt(0).toUpperCase() + trimmed.slice(1);
  return /[.!?]$/.test(capital) ? capital : `${capital}.`;
}
