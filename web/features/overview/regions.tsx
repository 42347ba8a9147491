import { DegradedIcon, DownIcon, NoDataIcon, UpIcon } from '@/components/ui/icons';
import { Section } from '@/components/ui/section';
import { Ago } from '@/components/ui/time';
import type { RegionHealth } from '@/gen/openseer/v1/dashboard_service_pb';
import { formatCount, formatRatio } from '@/shared/format/number';
import { t } from '@/strings';

export function Regions({ regions }: { regions: RegionHealth[] }) {
  if (regions.length === 0) return null;
  return (
    <Section title={t().overview.regions} hint={t().overview.lastHour}>
      <ul className="grid gap-3 sm:grid-cols-2 xl:grid-cols-3 2xl:grid-cols-4">
        {regions.map((region) => (
          <li key={region.region} className="rounded-lg border border-line px-3.5 py-2.5">
            <div className="flex items-center justify-between gap-2">
              <span className="truncate font-medium">{region.region}</span>
              <Health region={region} />
            </div>
            <p className="mt-0.5 text-sm text-muted tabular-nums">
              {t().counts.workersOnline(region.workersOnline)} · {formatRatio(region.success1h)} {t().overview.ofChecks(region.ok1h + region.failed1h)}
            </p>
            <p className="text-sm text-muted">
              {t().overview.lastResult} <Ago time={region.lastResultAt} />
            </p>
          </li>
        ))}
      </ul>
    </Section>
  );
}

// Below this share of successes something is wrong with the region rather than
// with single targets.
const healthyFrom = 0.5;

function Health({ region }: { region: RegionHealth }) {
  const s = t().overview;
  const shape = 'inline-flex items-center gap-1.5 text-sm font-medium whitespace-nowrap';
  if (region.workersOnline === 0) {
    return (
      <span className={`${shape} text-down`}>
        <DownIcon /> {s.noWorker}
      </span>
    );
  }
  if (region.success1h === undefined) {
    return (
      <span className={`${shape} text-idle`}>
        <NoDataIcon /> {t().states.NO_DATA}
      </span>
    );
  }
  return region.success1h < healthyFrom ? (
    <span className={`${shape} text-degraded`} title={s.failedOf(formatCount(region.failed1h))}>
      <DegradedIcon /> {s.manyFail}
    </span>
  ) : (
    <span className={`${shape} text-up`}>
      <UpIcon /> {s.healthy}
    </span>
  );
}
