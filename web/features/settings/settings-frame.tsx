import Link from 'next/link';
import { useRouter } from 'next/router';
import { type ReactNode, useEffect, useRef } from 'react';

import { PageHead } from '@/components/ui/section';
import { useSignedIn } from '@/shared/session/session';
import { t } from '@/strings';

// What all pages of the settings share: their title and the way between them.
export function SettingsFrame({ children }: { children: ReactNode }) {
  const { pathname } = useRouter();
  const { user, canAdminister } = useSignedIn();
  const s = t().settings;
  const way = useRef<HTMLElement>(null);
  // On a phone the way is longer than the screen.
  useEffect(() => {
    const current = way.current?.querySelector<HTMLElement>('[aria-current]');
    if (current === undefined || current === null || way.current === null) return;
    way.current.scrollLeft = current.offsetLeft - way.current.offsetLeft - (way.current.clientWidth - current.offsetWidth) / 2;
  }, [pathname]);
  const pages = [
    { href: '/settings', text: s.profile },
    { href: '/settings/security', text: s.security },
    { href: '/settings/sessions', text: s.sessions },
    { href: '/settings/tokens', text: s.tokens },
    { href: '/settings/members', text: s.members },
    ...(canAdminister ? [{ href: '/settings/audit', text: s.audit }] : []),
    ...(user.instanceOwner ? [{ href: '/settings/instance', text: s.instance }] : []),
  ];
  return (
    <div className="mx-auto max-w-5xl">
      <PageHead title={s.title} />
      <div className="grid gap-x-8 gap-y-4 md:grid-cols-[11rem_minmax(0,1fr)]">
        <nav ref={way} aria-label={s.title} className="-mx-1 flex gap-0.5 overflow-x-auto px-1 py-1 md:flex-col md:overflow-visible">
          {pages.map(({ href, text }) => (
            <Link
              key={href}
              href={href}
              aria-current={pathname === href ? 'page' : undefined}
              className="flex min-h-8 items-center rounded-md px-2.5 whitespace-nowrap text-muted hover:bg-sunken hover:text-ink aria-[current]:bg-accent-soft aria-[current]:font-medium aria-[current]:text-ink pointer-coarse:min-h-11"
            >
              {text}
            </Link>
          ))}
        </nav>
        <div className="flex min-w-0 flex-col gap-4">{children}</div>
      </div>
    </div>
  );
}
