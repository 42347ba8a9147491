import { ButtonLink } from '@/components/ui/button';
import { ConnectionBanner } from '@/components/ui/connection-banner';
import { PlusIcon } from '@/components/ui/icons';
import { LoadFailed, Notice } from '@/components/ui/notice';
import { PageHead, Skeleton } from '@/components/ui/section';
import { useSignedIn } from '@/shared/session/session';
import { t } from '@/strings';

import { FirstSteps } from './first-steps';
import { Glance } from './glance';
import { RecentFailures } from './recent-failures';
import { Regions } from './regions';
import { Slowest } from './slowest';
import { Troubled } from './troubled';
import { useOverview } from './use-overview';

// What is wrong right now, and then the whole at a glance. Live.
export function OverviewPage() {
  const { workspaceId, canEdit, user } = useSignedIn();
  const { page, error, reload, live } = useOverview(workspaceId);
  const overview = page?.glance.overview;
  const s = t().overview;

  return (
    <>
      <PageHead
        title={s.title}
        actions={
          canEdit &&
          overview !== undefined &&
          overview.total > 0 && (
            <ButtonLink href="/monitors/new" look="primary">
              <PlusIcon /> {t().monitors.add}
            </ButtonLink>
          )
        }
      />
      {error !== '' && <LoadFailed error={error} onRetry={reload} />}
      {page === undefined && error === '' && <Waiting />}
      {page !== undefined && overview !== undefined && (
        <div className="flex flex-col gap-4">
          {overview.workersOnline === 0 && (
            <Notice tone="warning" action={user.instanceOwner && <ButtonLink href="/workers">{s.seeWorkers}</ButtonLink>}>
              {s.noWorkers}
            </Notice>
          )}
          {overview.total === 0 ? (
            <FirstSteps workersOnline={overview.workersOnline} />
          ) : (
            <>
              <Troubled monitors={page.troubled} total={page.troubledTotal} overview={overview} />
              <Glance overview={overview} />
              <div className="grid items-start gap-4 xl:grid-cols-2">
                <RecentFailures failures={page.glance.recentFailures} />
                <Slowest monitors={page.glance.slowest} />
              </div>
              <Regions regions={page.glance.regions} />
            </>
          )}
        </div>
      )}
      <ConnectionBanner live={live} />
    </>
  );
}

function Waiting() {
  return (
    <div className="flex flex-col gap-4" role="status">
      <span className="sr-only">{t().ui.loading(t().overview.title)}</span>
      <Skeleton className="h-20" />
      <Skeleton className="h-28" />
      <div className="grid gap-4 xl:grid-cols-2">
        <Skeleton className="h-64" />
        <Skeleton className="h-64" />
      </div>
    </div>
  );
}
