import { useRouter } from 'next/router';
import { useEffect } from 'react';

import { safeNextPath } from '@/shared/session/next-path';
import { useSession } from '@/shared/session/session';

// Somebody who has signed in has no business here: back to where they wanted to go.
export function useLeaveWhenSignedIn(): void {
  const router = useRouter();
  const { session } = useSession();
  const leave = session.status === 'signed-in' && router.isReady;
  useEffect(() => {
    if (leave) void router.replace(safeNextPath(router.query.next));
    // eslint-disable-next-line react-hooks/exhaustive-deps -- leaves once
  }, [leave]);
}
