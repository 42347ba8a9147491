import { useState } from 'react';

import { cell, headCell, Table } from '@/components/ui/table';
import { t } from '@/strings';

// A chart as text, newest first, for those who cannot or will not read curves.
export function ChartTable({ label, columns, rows }: { label: string; columns: string[]; rows: string[][] }) {
  const [open, setOpen] = useState(false);
  return (
    <details className="mt-1 text-sm" open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary className="inline-flex rounded-sm text-muted hover:text-ink">{t().chart.asTable}</summary>
      {open && (
        // Scrolls, and so must be reachable by keyboard.
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        <div className="mt-2 max-h-72 overflow-auto rounded-md border border-line px-3 py-2" tabIndex={0} role="region" aria-label={label}>
          <Table label={label}>
            <thead>
              <tr>
                {columns.map((column, index) => (
                  <th key={column} scope="col" className={`${headCell} ${index > 0 ? 'text-right' : ''}`}>
                    {column}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {rows.toReversed().map((row) => (
                <tr key={row[0]} className="border-t border-line">
                  {row.map((text, index) => (
                    <td key={index} className={`${cell} whitespace-nowrap ${index > 0 ? 'text-right' : ''}`}>
                      {text}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </Table>
        </div>
      )}
    </details>
  );
}
