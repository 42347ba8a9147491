import type { ReactNode } from 'react';

import { Logo } from '@/components/ui/icons';

import { PageTitle } from './page-title';

// One thing in the middle of the page: sign-in, sign-up, not found.
export function PlainPage({ title, children }: { title: string; children: ReactNode }) {
  return (
    <>
      <PageTitle title={title} />
      <main className="mx-auto flex min-h-dvh max-w-md flex-col justify-center px-4 py-10">
        <p className="mb-6 flex items-center justify-center gap-2 text-lg font-semibold tracking-tight">
          <Logo className="size-8" />
          OpenSeer
        </p>
        <div className="p-5 card sm:p-7">{children}</div>
      </main>
    </>
  );
}
