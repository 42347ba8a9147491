import Link from 'next/link';

import { useSignedIn } from '@/shared/session/session';
import { Notice } from '@/shared/ui/notice';

export function NoWorkers() {
  const { user } = useSignedIn();
  return (
    <Notice tone="warning">
      No worker is connected, so nothing is checked right now.{' '}
      {user.instanceOwner && (
        <Link href="/workers" className="text-accent underline underline-offset-2">
          See the workers
        </Link>
      )}
    </Notice>
  );
}
