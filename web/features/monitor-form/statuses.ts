import { create } from '@bufbuild/protobuf';

import { type StatusRange, StatusRangeSchema } from '@/gen/openseer/v1/monitor_service_pb';

// Reads "200-299, 404". Empty text means the server's default. Undefined when
// it is not a list of codes; which codes are allowed is for the server to say.
export function parseStatuses(text: string): StatusRange[] | undefined {
  const ranges: StatusRange[] = [];
  const closed = text.replace(/\s*[-–]\s*/g, '-');
  for (const part of closed.split(/[,\s]+/).filter((piece) => piece !== '')) {
    const match = /^(\d{1,9})(?:-(\d{1,9}))?$/.exec(part);
    if (match === null) return undefined;
    const first = Number(match[1]);
    ranges.push(create(StatusRangeSchema, { first, last: match[2] === undefined ? first : Number(match[2]) }));
  }
  return ranges;
}

export function formatStatuses(ranges: readonly StatusRange[]): string {
  return ranges.map(({ first, last }) => (first === last ? String(first) : `${first}-${last}`)).join(', ');
}
