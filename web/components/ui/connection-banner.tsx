import { t } from '@/strings';

import { NoDataIcon } from './icons';

// Stays away for a second, so that a restart of the server goes unnoticed.
export function ConnectionBanner({ live }: { live: boolean }) {
  return (
    <div role="status" className="pointer-events-none fixed inset-x-0 bottom-20 z-30 flex justify-center px-4 lg:bottom-4">
      {!live && (
        <p className="flex animate-late items-center gap-2 px-4 py-2 text-sm floating">
          <NoDataIcon className="size-4 text-degraded" />
          {t().ui.connectionLost}
        </p>
      )}
    </div>
  );
}
