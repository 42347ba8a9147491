import { ButtonLink } from '@/components/ui/button';
import { Logo, PlusIcon, UpIcon } from '@/components/ui/icons';
import { useSignedIn } from '@/shared/session/session';
import { t } from '@/strings';

// The page of a workspace without monitors: the way to the first one, and to a
// worker that checks it.
export function FirstSteps({ workersOnline }: { workersOnline: number }) {
  const { canEdit, user } = useSignedIn();
  const s = t().firstSteps;
  return (
    <div className="mx-auto mt-4 flex w-full max-w-2xl flex-col items-center px-6 py-12 text-center card">
      <Logo className="size-12" />
      <h2 className="mt-4 text-lg font-semibold tracking-tight">{s.title}</h2>
      <p className="mt-1 mb-5 max-w-md text-muted">{canEdit ? s.editor : s.viewer}</p>
      {canEdit && (
        <ButtonLink href="/monitors/new" look="primary">
          <PlusIcon /> {t().monitors.add}
        </ButtonLink>
      )}
      <div className="mt-8 w-full border-t border-line pt-5 text-sm text-muted">
        {workersOnline > 0 ? (
          <p className="flex items-center justify-center gap-1.5">
            <UpIcon className="size-4 text-up" /> {s.workers(workersOnline)}
          </p>
        ) : (
          <p>{s.noWorkers}</p>
        )}
        {user.instanceOwner ? (
          <p className="mt-3">
            <ButtonLink href="/workers" size="sm">
              {s.addWorker}
            </ButtonLink>
          </p>
        ) : (
          <p className="mt-1">{s.askOwner}</p>
        )}
      </div>
    </div>
  );
}
