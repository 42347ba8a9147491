import { useRouter } from 'next/router';
import { type ReactNode, useEffect } from 'react';

import { LoadFailed, Loading } from '@/components/ui/notice';

import { useSession } from './session';

// Renders its children only for somebody who is signed in; sends others to the
// sign-in page, which sends them back unless they meant to leave.
export function RequireSession({ children }: { children: ReactNode }) {
  const { session, retry } = useSession();
  const router = useRouter();

  const away = session.status === 'signed-out';
  const left = away && session.left;
  useEffect(() => {
    if (!away) return;
    const here = window.location.pathname;
    void router.replace(here === '/' || left ? '/sign-in' : `/sign-in?next=${encodeURIComponent(here)}`);
    // Only the change of the session matters, not that of the router.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [away]);

  switch (session.status) {
    case 'signed-in':
      return children;
    case 'failed':
      return (
        <div className="mx-auto max-w-xl px-4 py-16">
          <LoadFailed error={session.error} onRetry={retry} />
        </div>
      );
    default:
      return <Loading what="OpenSeer" />;
  }
}
