import type { ReactNode } from 'react';

export function Tag({ children }: { children: ReactNode }) {
  return (
    <span className="inline-flex max-w-40 items-center truncate rounded-md border border-line bg-sunken px-1.5 text-xs text-muted" title={typeof children === 'string' ? children : undefined}>
      {children}
    </span>
  );
}
