import type { UptimeWindow } from '@/gen/openseer/v1/metrics_service_pb';
import { formatCount, formatRatio } from '@/shared/format/number';
import { rangeWords } from '@/shared/format/words';

export function UptimeCards({ windows }: { windows: readonly UptimeWindow[] }) {
  return (
    <section aria-label="Uptime" className="grid grid-cols-2 gap-3 lg:grid-cols-4">
      {windows.map((window) => (
        <div key={window.range} className="card px-4 py-3">
          <h2 className="text-sm text-muted">Uptime {rangeWords[window.range]}</h2>
          <p className="text-2xl font-semibold tabular-nums">{window.uptime === undefined ? 'No data' : formatRatio(window.uptime)}</p>
          <CoverageBar window={window} />
          <p className="mt-1.5 text-sm text-muted">
            {window.coverage === undefined ? 'Nothing expected' : `${formatRatio(window.coverage)} covered`}
          </p>
          <p className="text-sm text-muted">
            {formatCount(window.failed)} failed · {formatCount(window.missed)} missed
          </p>
        </div>
      ))}
    </section>
  );
}

// Ok, failed and missed checks in proportion; the words below say the same.
function CoverageBar({ window: { ok, failed, missed } }: { window: UptimeWindow }) {
  return (
    <div className="mt-2 flex h-1.5 gap-px overflow-hidden rounded-full bg-sunken" aria-hidden="true">
      <Share count={ok} color="bg-up" />
      <Share count={failed} color="bg-down" />
      <Share count={missed} color="bg-line-strong/50" />
    </div>
  );
}

function Share({ count, color }: { count: bigint; color: string }) {
  // A single failure among thousands must not vanish.
  return count === 0n ? null : <div className={`min-w-1 ${color}`} style={{ flexGrow: Number(count), flexBasis: 0 }} />;
}
