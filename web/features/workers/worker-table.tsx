import { timestampMs } from '@bufbuild/protobuf/wkt';

import { Button } from '@/components/ui/button';
import { DownIcon, NoDataIcon, UpIcon } from '@/components/ui/icons';
import { Notice } from '@/components/ui/notice';
import { Section } from '@/components/ui/section';
import { cell, headCell, Table } from '@/components/ui/table';
import { Ago, Time, Until } from '@/components/ui/time';
import type { Region, Worker } from '@/gen/openseer/v1/worker_service_pb';
import { formatCount, formatFixed } from '@/shared/format/number';
import { useNow } from '@/shared/format/use-now';
import { t } from '@/strings';

interface WorkerTableProps {
  workers: Worker[];
  regions: Region[];
  onRevoke: (worker: Worker) => void;
}

// One table per region.
export function WorkerTable({ workers, regions, onRevoke }: WorkerTableProps) {
  const s = t().workers;
  if (workers.length === 0) return <Notice tone="warning">{s.none}</Notice>;
  const byRegion = Map.groupBy(workers, (worker) => worker.region);
  return [...byRegion]
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([name, members]) => (
      <Section key={name} title={s.region(name)} aside={<RegionFigures region={regions.find((region) => region.name === name)} workers={members} />}>
        <Table label={s.tableLabel(name)} even>
          <thead>
            <tr>
              <th className={headCell}>{s.worker}</th>
              <th className={headCell}>{t().monitors.state}</th>
              <th className={`${headCell} hidden text-right md:table-cell`}>{s.inFlight}</th>
              <th className={`${headCell} hidden text-right md:table-cell`}>{s.rate}</th>
              <th className={`${headCell} hidden lg:table-cell`}>{s.lastSeen}</th>
              <th className={`${headCell} hidden lg:table-cell`}>{s.certificate}</th>
              <th className={`${headCell} hidden sm:table-cell`}>{s.version}</th>
              <th className={headCell}>
                <span className="sr-only">{s.actions}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {members.map((worker) => (
              <Row key={worker.id} worker={worker} onRevoke={onRevoke} />
            ))}
          </tbody>
        </Table>
      </Section>
    ));
}

function RegionFigures({ region, workers }: { region: Region | undefined; workers: Worker[] }) {
  const s = t().workers;
  const online = region?.workersOnline ?? workers.filter((worker) => worker.online).length;
  return (
    <span className="text-sm text-muted tabular-nums">
      {t().counts.workersOnline(online)}
      {region !== undefined && ` · ${s.perSecond(formatFixed(region.checksPerSecond, 1))} · ${s.running(region.inFlight)}`}
    </span>
  );
}

const soonMs = 2 * 86_400_000;

function Row({ worker, onRevoke }: { worker: Worker; onRevoke: (worker: Worker) => void }) {
  const now = useNow();
  const s = t().workers;
  const revoked = worker.revokedAt !== undefined;
  const expires = worker.certificateExpiresAt;
  const soon = !revoked && expires !== undefined && timestampMs(expires) - now < soonMs;
  return (
    <tr className="border-t border-line">
      <th scope="row" className={`${cell} text-left font-medium break-all`}>
        {worker.name}
      </th>
      <td className={cell}>
        <WorkerState worker={worker} />
      </td>
      <td className={`${cell} hidden text-right md:table-cell`}>{worker.online ? formatCount(worker.inFlight) : '–'}</td>
      <td className={`${cell} hidden text-right md:table-cell`}>{worker.online ? formatFixed(worker.checksPerSecond, 1) : '–'}</td>
      <td className={`${cell} hidden lg:table-cell`}>{worker.online ? s.now : <Ago time={worker.lastSeenAt} />}</td>
      <td className={`${cell} hidden lg:table-cell ${soon ? 'text-degraded' : ''}`}>
        {soon ? <Until time={expires} /> : <Time time={expires} form="day" />}
      </td>
      <td className={`${cell} hidden sm:table-cell`}>{worker.version === '' ? '–' : worker.version}</td>
      <td className={`${cell} text-right`}>
        {!revoked && (
          <Button size="sm" look="quiet" aria-label={s.revokeOf(worker.name)} onClick={() => onRevoke(worker)}>
            {s.revoke}
          </Button>
        )}
      </td>
    </tr>
  );
}

function WorkerState({ worker }: { worker: Worker }) {
  const shape = 'inline-flex items-center gap-1.5 whitespace-nowrap';
  const s = t().workers;
  if (worker.revokedAt !== undefined) {
    return (
      <span className={`${shape} text-down`}>
        <DownIcon /> {s.revoked}
      </span>
    );
  }
  return worker.online ? (
    <span className={`${shape} text-up`}>
      <UpIcon /> {s.online}
    </span>
  ) : (
    <span className={`${shape} text-idle`}>
      <NoDataIcon /> {s.offline}
    </span>
  );
}
