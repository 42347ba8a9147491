import Head from 'next/head';
import Link from 'next/link';
import { useRouter } from 'next/router';
import { type ReactNode, useState } from 'react';

import { describeError } from '@/shared/api/errors';
import { RequireSession } from '@/shared/session/require-session';
import { useSession, useSignedIn } from '@/shared/session/session';
import { Logo } from '@/shared/ui/icons';
import { Notice } from '@/shared/ui/notice';

// The frame of every page behind the sign-in.
export function Shell({ title, children }: { title: string; children: ReactNode }) {
  return (
    <>
      <PageTitle title={title} />
      <RequireSession>
        <a href="#content" className="sr-only focus:not-sr-only focus:absolute focus:top-2 focus:left-2 focus:z-30 focus:rounded-lg focus:bg-surface focus:px-3 focus:py-2">
          Skip to content
        </a>
        <Header />
        <main id="content" tabIndex={-1} className="mx-auto max-w-6xl px-4 pt-6 pb-20 outline-none sm:px-6">
          {children}
        </main>
      </RequireSession>
    </>
  );
}

export function PageTitle({ title }: { title: string }) {
  return (
    <Head>
      <title>{`${title} · OpenSeer`}</title>
    </Head>
  );
}

function Header() {
  const { leave } = useSession();
  const { user } = useSignedIn();
  const [error, setError] = useState('');
  return (
    <header className="border-b border-line bg-surface">
      <div className="mx-auto flex max-w-6xl flex-wrap items-center gap-x-6 gap-y-1 px-4 py-2 sm:px-6">
        <Link href="/" className="flex items-center gap-2 rounded-md text-lg font-semibold tracking-tight">
          <Logo />
          OpenSeer
        </Link>
        <nav aria-label="Main" className="order-last -mx-2 flex w-full gap-1 sm:order-none sm:mx-0 sm:w-auto">
          <NavLink href="/" text="Monitors" under="/monitors" />
          {user.instanceOwner && <NavLink href="/workers" text="Workers" />}
          <NavLink href="/settings" text="Settings" />
        </nav>
        <div className="ml-auto flex min-w-0 items-center gap-3 text-sm text-muted">
          <span className="hidden max-w-56 truncate md:block" title={user.email}>
            {user.email}
          </span>
          <button
            type="button"
            className="rounded-md px-2 py-1.5 whitespace-nowrap hover:bg-sunken hover:text-ink"
            onClick={() => void leave().catch((cause: unknown) => setError(describeError(cause)))}
          >
            Sign out
          </button>
        </div>
      </div>
      {error !== '' && (
        <div className="mx-auto max-w-6xl px-4 pb-2 sm:px-6">
          <Notice tone="error">You are still signed in. {error}</Notice>
        </div>
      )}
    </header>
  );
}

function NavLink({ href, text, under }: { href: string; text: string; under?: string }) {
  const { pathname } = useRouter();
  const current = pathname === href || (under !== undefined && pathname.startsWith(under));
  return (
    <Link
      href={href}
      aria-current={current ? 'page' : undefined}
      className="rounded-md px-2.5 py-1.5 text-muted hover:bg-sunken hover:text-ink aria-[current]:font-medium aria-[current]:text-ink aria-[current]:underline aria-[current]:decoration-accent aria-[current]:decoration-2 aria-[current]:underline-offset-[0.6rem]"
    >
      {text}
    </Link>
  );
}
