import { formatCount } from '@/shared/format/number';

// "1 check", "1,204 checks". Both languages here know one and many.
export function counted(count: number | bigint, one: string, many: string): string {
  return `${formatCount(count)} ${Number(count) === 1 ? one : many}`;
}
