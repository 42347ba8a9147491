import dynamic from 'next/dynamic';
import Link from 'next/link';
import { useRouter } from 'next/router';
import { type ReactNode, useState } from 'react';

import { IconButton } from '@/components/ui/button';
import { KeyboardIcon, Logo, SearchIcon, SignOutIcon } from '@/components/ui/icons';
import { Notice } from '@/components/ui/notice';
import { Kbd } from '@/components/ui/section';
import { Toasts } from '@/components/ui/toast';
import { describeError } from '@/shared/api/errors';
import { RequireSession } from '@/shared/session/require-session';
import { useSession, useSignedIn } from '@/shared/session/session';
import { t } from '@/strings';

import { destinations, isCurrent } from './navigation';
import { PageTitle } from './page-title';
import { ThemeChoice } from './theme-choice';
import { useShortcuts } from './use-shortcuts';
import { WorkspaceChoice } from './workspace-choice';

// What few visits need is fetched when it is asked for.
const CommandPalette = dynamic(() => import('./command-palette').then((m) => m.CommandPalette), { ssr: false });
const ShortcutsHelp = dynamic(() => import('./shortcuts-help').then((m) => m.ShortcutsHelp), { ssr: false });

// The frame of every page behind the sign-in.
export function Shell({ title, children }: { title: string; children: ReactNode }) {
  return (
    <>
      <PageTitle title={title} />
      <RequireSession>
        <Frame>{children}</Frame>
      </RequireSession>
    </>
  );
}

function Frame({ children }: { children: ReactNode }) {
  const [open, setOpen] = useState<'palette' | 'help'>();
  useShortcuts({ onPalette: () => setOpen('palette'), onHelp: () => setOpen('help') });
  const close = () => setOpen(undefined);
  return (
    <div className="lg:grid lg:min-h-dvh lg:grid-cols-[14.5rem_minmax(0,1fr)]">
      <a href="#content" className="sr-only focus:not-sr-only focus:fixed focus:top-2 focus:left-2 focus:z-60 focus:rounded-lg focus:bg-surface focus:px-3 focus:py-2">
        {t().nav.skip}
      </a>
      <Sidebar onPalette={() => setOpen('palette')} onHelp={() => setOpen('help')} />
      <TopBar onPalette={() => setOpen('palette')} />
      <main id="content" tabIndex={-1} className="mx-auto w-full max-w-[110rem] px-4 pt-5 pb-28 outline-none sm:px-6 lg:px-8 lg:pt-7 lg:pb-16">
        {children}
      </main>
      <BottomBar />
      {open === 'palette' && <CommandPalette onClose={close} onHelp={() => setOpen('help')} />}
      {open === 'help' && <ShortcutsHelp onClose={close} />}
      <Toasts />
    </div>
  );
}

function Sidebar({ onPalette, onHelp }: { onPalette: () => void; onHelp: () => void }) {
  const { pathname } = useRouter();
  const { user } = useSignedIn();
  return (
    <header className="sticky top-0 hidden h-dvh flex-col border-r border-line bg-surface px-3 py-4 lg:flex">
      <Link href="/" className="mx-1.5 flex items-center gap-2 rounded-md text-base font-semibold tracking-tight">
        <Logo className="size-6" />
        OpenSeer
      </Link>
      <WorkspaceChoice />
      <button
        type="button"
        onClick={onPalette}
        className="mt-3 flex min-h-8 items-center gap-2 rounded-md border border-line bg-bg px-2.5 text-sm text-muted hover:border-line-strong hover:text-ink"
      >
        <SearchIcon className="size-3.5" />
        {t().nav.search}
        <span className="ml-auto flex gap-0.5">
          <Kbd>{t().nav.paletteKey}</Kbd>
        </span>
      </button>
      <nav aria-label={t().nav.main} className="mt-4 flex flex-col gap-0.5">
        {destinations(user.instanceOwner).map((destination) => (
          <Link
            key={destination.href}
            href={destination.href}
            aria-current={isCurrent(destination, pathname) ? 'page' : undefined}
            className="flex min-h-8 items-center gap-2.5 rounded-md px-2.5 text-muted hover:bg-sunken hover:text-ink aria-[current]:bg-accent-soft aria-[current]:font-medium aria-[current]:text-ink"
          >
            <destination.Icon className="size-4" />
            {destination.text}
          </Link>
        ))}
      </nav>
      <div className="mt-auto flex flex-col gap-2">
        <div className="flex items-center justify-between px-1">
          <ThemeChoice />
          <IconButton label={t().nav.shortcuts} size="sm" onClick={onHelp}>
            <KeyboardIcon />
          </IconButton>
        </div>
        <div className="flex items-center gap-1 border-t border-line pt-2 pl-1.5">
          <Link href="/settings" className="min-w-0 flex-1 truncate rounded-sm text-sm text-muted hover:text-ink" title={user.email}>
            {user.displayName === '' ? user.email : user.displayName}
          </Link>
          <SignOut />
        </div>
      </div>
    </header>
  );
}

function TopBar({ onPalette }: { onPalette: () => void }) {
  return (
    <header className="sticky top-0 z-20 flex h-12 items-center justify-between gap-2 border-b border-line bg-surface px-4 lg:hidden">
      <Link href="/" className="flex items-center gap-2 rounded-md font-semibold tracking-tight">
        <Logo className="size-6" />
        OpenSeer
      </Link>
      <div className="flex items-center">
        <IconButton label={t().nav.search} onClick={onPalette}>
          <SearchIcon className="size-4.5" />
        </IconButton>
        <SignOut />
      </div>
    </header>
  );
}

function BottomBar() {
  const { pathname } = useRouter();
  const { user } = useSignedIn();
  return (
    <nav aria-label={t().nav.main} className="fixed inset-x-0 bottom-0 z-20 flex border-t border-line bg-surface pb-[env(safe-area-inset-bottom)] lg:hidden">
      {destinations(user.instanceOwner).map((destination) => (
        <Link
          key={destination.href}
          href={destination.href}
          aria-current={isCurrent(destination, pathname) ? 'page' : undefined}
          className="flex min-h-14 flex-1 flex-col items-center justify-center gap-1 text-2xs text-muted aria-[current]:font-semibold aria-[current]:text-accent"
        >
          <destination.Icon className="size-5" />
          {destination.text}
        </Link>
      ))}
    </nav>
  );
}

function SignOut() {
  const { leave } = useSession();
  const [error, setError] = useState('');
  return (
    <>
      <IconButton label={t().nav.signOut} size="sm" onClick={() => void leave().catch((cause: unknown) => setError(describeError(cause)))}>
        <SignOutIcon />
      </IconButton>
      {error !== '' && (
        <div className="fixed inset-x-4 top-4 z-50 mx-auto max-w-md floating">
          <Notice tone="error">
            {t().nav.stillSignedIn} {error}
          </Notice>
        </div>
      )}
    </>
  );
}
