import type { Overview } from '@/gen/openseer/v1/dashboard_service_pb';
import { useSignedIn } from '@/shared/session/session';
import { ButtonLink } from '@/shared/ui/button';
import { Logo, PlusIcon } from '@/shared/ui/icons';

import { NoWorkers } from './no-workers';

export function EmptyList({ overview }: { overview: Overview | undefined }) {
  const { canEdit } = useSignedIn();
  return (
    <>
      {overview?.workersOnline === 0 && <NoWorkers />}
      <div className="card mt-5 flex flex-col items-center px-6 py-14 text-center">
        <Logo className="size-12" />
        <h2 className="mt-4 text-lg font-semibold">Watch your first URL</h2>
        <p className="mt-1 mb-5 max-w-md text-muted">
          {canEdit
            ? 'Give OpenSeer an address. It is checked at once and then every minute, and what comes back shows here live.'
            : 'There is nothing to see yet. An editor of this workspace can add monitors.'}
        </p>
        {canEdit && (
          <ButtonLink href="/monitors/new" look="primary">
            <PlusIcon /> Add monitor
          </ButtonLink>
        )}
      </div>
    </>
  );
}
