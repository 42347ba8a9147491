import { NoDataIcon } from './icons';

// Stays away for a second, so that a restart of the server goes unnoticed.
export function ConnectionBanner({ live }: { live: boolean }) {
  return (
    <div role="status" className="pointer-events-none fixed inset-x-0 bottom-4 z-20 flex justify-center px-4">
      {!live && (
        <p className="card flex animate-late items-center gap-2 px-4 py-2 text-sm shadow-lg">
          <NoDataIcon className="size-4 text-degraded" />
          Connection lost. Reconnecting; what you see may be out of date.
        </p>
      )}
    </div>
  );
}
