import type { ReactNode } from 'react';

export const headCell = 'px-2 pb-1.5 text-left text-xs font-medium text-muted first:pl-0 last:pr-0';
export const cell = 'px-2 py-2 align-middle first:pl-0 last:pr-0';

// `even` gives all columns one width, so that tables below one another line up.
export function Table({ label, even = false, children }: { label: string; even?: boolean; children: ReactNode }) {
  return (
    <table className={`w-full border-collapse tabular-nums ${even ? 'table-fixed' : ''}`}>
      <caption className="sr-only">{label}</caption>
      {children}
    </table>
  );
}
