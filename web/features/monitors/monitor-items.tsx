import { memo, useEffect, useMemo } from 'react';

import { TagIcon } from '@/components/ui/icons';
import type { MonitorSummary } from '@/gen/openseer/v1/monitor_service_pb';
import { formatCount } from '@/shared/format/number';
import { t } from '@/strings';

import { type ListItem, listItems } from './list-items';
import type { View } from './list-query';
import { MonitorCard } from './monitor-card';
import { MonitorRow, rowColumns } from './monitor-row';
import { useContentWidth } from './use-content-width';
import { useWindow } from './use-window';

const rowHeight = 48;
const phoneRowHeight = 92;
const cardHeight = 108;
const cardWidth = 232;
const groupHeight = 40;
// Below this width a row is a small card.
const phoneWidth = 640;
// So many items before the end the next page is fetched.
const nearEnd = 40;

interface MonitorItemsProps {
  monitors: readonly MonitorSummary[];
  byTag: boolean;
  view: View;
  // Of all pages; more than `monitors` while some are still to come.
  total: number;
  // Undefined where nothing may be changed.
  selected: ReadonlySet<string> | undefined;
  onSelect: (ids: readonly string[], on: boolean) => void;
  onVisible: (ids: readonly string[]) => void;
  onNearEnd: () => void;
}

// A line of the list: one row of the table, or as many cards as fit.
interface Line {
  height: number;
  items: ListItem[];
}

export const MonitorItems = memo(function MonitorItems({ monitors, byTag, view, total, selected, onSelect, onVisible, onNearEnd }: MonitorItemsProps) {
  const items = useMemo(() => listItems(monitors, byTag), [monitors, byTag]);
  const width = useContentWidth();
  const phone = width < phoneWidth;
  const perLine = view === 'grid' ? Math.max(1, Math.floor(width / cardWidth)) : 1;
  const lines = useMemo(
    () => linesOf(items, perLine, view === 'grid' ? cardHeight : phone ? phoneRowHeight : rowHeight),
    [items, perLine, view, phone],
  );
  const heights = useMemo(() => lines.map((line) => line.height), [lines]);
  const { measure, height, first, last, offsets } = useWindow(heights);
  const shown = lines.slice(first, last);

  const ids = [...new Set(shown.flatMap((line) => line.items.map((item) => (item.kind === 'monitor' ? item.monitor.id : ''))))].filter(Boolean).join(' ');
  useEffect(() => onVisible(ids === '' ? [] : ids.split(' ')), [ids, onVisible]);
  const complete = monitors.length >= total;
  const close = !complete && last + nearEnd / perLine >= lines.length;
  useEffect(() => {
    if (close) onNearEnd();
  }, [close, monitors.length, onNearEnd]);

  const table = view === 'table';
  const allHere = monitors.length > 0 && selected !== undefined && monitors.every(({ id }) => selected.has(id));
  return (
    <div role={table ? 'table' : undefined} aria-label={table ? t().monitors.tableLabel : undefined} aria-rowcount={table ? total + 1 : undefined} className={table ? 'card' : ''}>
      {table && (
        <div role="rowgroup">
          <div role="row" aria-rowindex={1} className={`hidden border-b border-line py-2 text-xs font-medium text-muted sm:grid ${rowColumns}`}>
            <span role="columnheader" className="flex justify-center">
              {selected !== undefined && (
                <input
                  type="checkbox"
                  className="size-4 accent-(--accent)"
                  aria-label={t().monitors.selectAll}
                  checked={allHere}
                  onChange={(event) => onSelect(monitors.map(({ id }) => id), event.target.checked)}
                />
              )}
            </span>
            <span role="columnheader">{t().monitors.monitor}</span>
            <span role="columnheader">{t().monitors.state}</span>
            <span role="columnheader" className="hidden xl:block">{t().monitors.lastResult}</span>
            <span role="columnheader" className="hidden md:block">{t().monitors.hours}</span>
            <span role="columnheader" className="text-right">{t().monitors.uptime}</span>
            <span role="columnheader" className="text-right">P95</span>
            <span role="columnheader" className="hidden xl:block">{t().monitors.latest}</span>
          </div>
        </div>
      )}
      <div ref={measure} role={table ? 'rowgroup' : undefined} className="relative" style={{ height }} data-testid="monitor-items">
        {shown.map((line, index) => (
          <div
            key={keyOf(line)}
            role={table ? 'presentation' : undefined}
            className="absolute inset-x-0 flex gap-2"
            style={{ top: offsets[first + index], height: line.height }}
          >
            {line.items.map((item) =>
              item.kind === 'group' ? (
                <GroupHead key={item.tag} table={table} tag={item.tag} count={item.count} />
              ) : table ? (
                <MonitorRow key={item.key} monitor={item.monitor} index={first + index + 2} selected={selected?.has(item.monitor.id)} onSelect={onSelect} />
              ) : (
                <MonitorCard key={item.key} monitor={item.monitor} width={`calc((100% - ${(perLine - 1) * 0.5}rem) / ${perLine})`} />
              ),
            )}
          </div>
        ))}
      </div>
    </div>
  );
});

function linesOf(items: readonly ListItem[], perLine: number, height: number): Line[] {
  const lines: Line[] = [];
  let open: Line | undefined;
  for (const item of items) {
    if (item.kind === 'group') {
      lines.push({ height: groupHeight, items: [item] });
      open = undefined;
    } else if (open === undefined || open.items.length === perLine) {
      open = { height, items: [item] };
      lines.push(open);
    } else {
      open.items.push(item);
    }
  }
  return lines;
}

function keyOf(line: Line): string {
  const item = line.items[0];
  return item === undefined ? '' : item.kind === 'group' ? `tag ${item.tag}` : item.key;
}

function GroupHead({ table, tag, count }: { table: boolean; tag: string; count: number }) {
  const content = (
    <>
      <TagIcon className="size-4 text-muted" />
      <span className="truncate font-semibold">{tag === '' ? t().monitors.untagged : tag}</span>
      <span className="text-sm text-muted tabular-nums">{formatCount(count)}</span>
    </>
  );
  const shape = 'flex w-full items-center gap-2 px-4';
  return table ? (
    <div role="row" className={`border-t border-line bg-sunken ${shape}`}>
      <span role="rowheader" className="flex min-w-0 items-center gap-2">{content}</span>
    </div>
  ) : (
    <h2 className={`pt-2 ${shape}`}>{content}</h2>
  );
}
