import type { Worker } from '@/gen/openseer/v1/worker_service_pb';
import { plural } from '@/shared/format/number';
import { formatAgo, formatDay, formatMoment } from '@/shared/format/time';
import { Button } from '@/shared/ui/button';
import { DownIcon, NoDataIcon, UpIcon } from '@/shared/ui/icons';
import { Notice } from '@/shared/ui/notice';
import { Section } from '@/shared/ui/section';
import { cell, headCell, Table } from '@/shared/ui/table';
import { useNow } from '@/shared/ui/use-now';

interface WorkerTableProps {
  workers: Worker[];
  onRevoke: (worker: Worker) => void;
}

// One table per region.
export function WorkerTable({ workers, onRevoke }: WorkerTableProps) {
  if (workers.length === 0) {
    return <Notice tone="warning">No worker has joined yet, so nothing is checked. Add the first one below.</Notice>;
  }
  const regions = new Map<string, Worker[]>();
  for (const worker of workers) regions.set(worker.region, [...(regions.get(worker.region) ?? []), worker]);
  return [...regions].sort(([a], [b]) => a.localeCompare(b)).map(([region, members]) => (
    <Section key={region} title={`Region ${region}`} aside={<Online workers={members} />}>
      <Table label={`Workers in region ${region}`} even>
        <thead>
          <tr>
            <th className={headCell}>Worker</th>
            <th className={headCell}>State</th>
            <th className={`${headCell} hidden md:table-cell`}>Last seen</th>
            <th className={`${headCell} hidden lg:table-cell`}>Certificate until</th>
            <th className={`${headCell} hidden sm:table-cell`}>Version</th>
            <th className={headCell}>
              <span className="sr-only">Actions</span>
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

function Online({ workers }: { workers: Worker[] }) {
  const online = workers.filter((worker) => worker.online).length;
  return <span className="text-sm text-muted">{plural(online, 'worker')} online</span>;
}

function Row({ worker, onRevoke }: { worker: Worker; onRevoke: (worker: Worker) => void }) {
  const now = useNow();
  const revoked = worker.revokedAt !== undefined;
  return (
    <tr className="border-t border-line">
      <th scope="row" className={`${cell} text-left font-medium break-all`}>
        {worker.name}
      </th>
      <td className={cell}>
        <WorkerState worker={worker} />
      </td>
      <td className={`${cell} hidden md:table-cell`} title={formatMoment(worker.lastSeenAt)}>
        {worker.online ? 'now' : formatAgo(worker.lastSeenAt, now)}
      </td>
      <td className={`${cell} hidden lg:table-cell`}>{formatDay(worker.certificateExpiresAt)}</td>
      <td className={`${cell} hidden sm:table-cell`}>{worker.version === '' ? '–' : worker.version}</td>
      <td className={`${cell} text-right`}>
        {!revoked && (
          <Button look="quiet" aria-label={`Revoke ${worker.name}`} onClick={() => onRevoke(worker)}>
            Revoke
          </Button>
        )}
      </td>
    </tr>
  );
}

function WorkerState({ worker }: { worker: Worker }) {
  if (worker.revokedAt !== undefined) {
    return (
      <span className="inline-flex items-center gap-1.5 whitespace-nowrap text-down">
        <DownIcon /> Revoked
      </span>
    );
  }
  return worker.online ? (
    <span className="inline-flex items-center gap-1.5 whitespace-nowrap text-up">
      <UpIcon /> Online
    </span>
  ) : (
    <span className="inline-flex items-center gap-1.5 whitespace-nowrap text-idle">
      <NoDataIcon /> Offline
    </span>
  );
}
