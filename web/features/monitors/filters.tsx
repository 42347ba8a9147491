import { type ReactNode, useMemo } from 'react';

import { Button } from '@/components/ui/button';
import { Checkbox } from '@/components/ui/field';
import { ChevronDownIcon, GridIcon, ListIcon } from '@/components/ui/icons';
import { Popover } from '@/components/ui/popover';
import { StateIcon } from '@/components/ui/state-badge';
import type { Overview } from '@/gen/openseer/v1/dashboard_service_pb';
import { MonitorState, type MonitorSummary } from '@/gen/openseer/v1/monitor_service_pb';
import { workerClient } from '@/shared/api/client';
import { useLoaded } from '@/shared/api/use-loaded';
import { formatCount } from '@/shared/format/number';
import { stateWords } from '@/shared/format/words';
import { t } from '@/strings';

import { filterStates, isFiltered, type ListQuery, sorts, type View } from './list-query';

interface FiltersProps {
  query: ListQuery;
  // Whose tags are offered.
  monitors: readonly MonitorSummary[];
  overview: Overview | undefined;
  onChange: (change: Partial<ListQuery>) => void;
}

const loadRegions = async (signal: AbortSignal) => (await workerClient.listRegions({}, { signal })).regions;

export function Filters({ query, monitors, overview, onChange }: FiltersProps) {
  const s = t().monitors;
  const regions = useLoaded(loadRegions).value?.map(({ name }) => name) ?? [];
  const tags = useMemo(
    () => [...new Set([...monitors.flatMap((monitor) => monitor.tags), ...query.tags])].sort((a, b) => a.localeCompare(b)),
    [monitors, query.tags],
  );
  return (
    <div className="mb-4 flex flex-wrap items-center gap-2" role="search" aria-label={s.filters}>
      <input
        type="search"
        className="min-w-40 flex-1 control max-sm:basis-full sm:max-w-72"
        placeholder={s.search}
        aria-label={s.search}
        value={query.search}
        onChange={(event) => onChange({ search: event.target.value })}
      />
      <Choice
        label={s.state}
        options={filterStates.map((state) => ({
          value: state,
          text: (
            <span className="inline-flex items-center gap-1.5">
              <StateIcon state={state} /> {stateWords(state)} <span className="text-muted tabular-nums">{countOf(overview, state)}</span>
            </span>
          ),
        }))}
        chosen={query.states}
        onChosen={(states) => onChange({ states })}
      />
      {tags.length > 0 && <Choice label={s.tag} options={tags.map(plainOption)} chosen={query.tags} onChosen={(chosen) => onChange({ tags: chosen })} />}
      {regions.length > 1 && (
        <Choice label={s.region} options={regions.map(plainOption)} chosen={query.regions} onChosen={(chosen) => onChange({ regions: chosen })} />
      )}
      {isFiltered(query) && (
        <Button look="quiet" onClick={() => onChange({ search: '', states: [], tags: [], regions: [] })}>
          {s.clearFilters}
        </Button>
      )}
      <div className="flex w-full items-center gap-2 sm:ml-auto sm:w-auto">
        <select
          aria-label={s.sort}
          className="w-auto min-w-0 max-sm:flex-1 control"
          value={query.sort}
          onChange={(event) => onChange({ sort: sorts.find((sort) => sort === event.target.value) ?? 'state' })}
        >
          {sorts.map((sort) => (
            <option key={sort} value={sort}>
              {s.sorts[sort]}
            </option>
          ))}
        </select>
        <Button aria-pressed={query.byTag} className="aria-pressed:border-accent aria-pressed:bg-accent-soft" onClick={() => onChange({ byTag: !query.byTag })}>
          {s.byTag}
        </Button>
        <ViewChoice view={query.view} onView={(view) => onChange({ view })} />
      </div>
    </div>
  );
}

function plainOption(value: string): { value: string; text: string } {
  return { value, text: value };
}

function countOf(overview: Overview | undefined, state: MonitorState): string {
  if (overview === undefined) return '';
  const counts: Partial<Record<MonitorState, number>> = {
    [MonitorState.UP]: overview.up,
    [MonitorState.DOWN]: overview.down,
    [MonitorState.DEGRADED]: overview.degraded,
    [MonitorState.NO_DATA]: overview.noData,
    [MonitorState.PENDING]: overview.pending,
    [MonitorState.PAUSED]: overview.paused,
  };
  return formatCount(counts[state] ?? 0);
}

interface ChoiceProps<Value extends string | number> {
  label: string;
  options: readonly { value: Value; text: ReactNode }[];
  chosen: readonly Value[];
  onChosen: (chosen: Value[]) => void;
}

// Several of many.
function Choice<Value extends string | number>({ label, options, chosen, onChosen }: ChoiceProps<Value>) {
  return (
    <Popover
      label={label}
      trigger={
        <Button className={chosen.length > 0 ? '!border-accent !bg-accent-soft' : ''}>
          {label}
          {chosen.length > 0 && <span className="tabular-nums">{formatCount(chosen.length)}</span>}
          <ChevronDownIcon className="size-3.5" />
        </Button>
      }
    >
      {options.map(({ value, text }) => (
        <Checkbox
          key={value}
          label={text}
          checked={chosen.includes(value)}
          onChecked={(checked) => onChosen(checked ? [...chosen, value] : chosen.filter((other) => other !== value))}
        />
      ))}
    </Popover>
  );
}

function ViewChoice({ view, onView }: { view: View; onView: (view: View) => void }) {
  const s = t().monitors;
  const options = [
    { value: 'table' as const, text: s.table, Icon: ListIcon },
    { value: 'grid' as const, text: s.grid, Icon: GridIcon },
  ];
  return (
    <div role="group" aria-label={s.view} className="flex rounded-lg border border-line bg-sunken p-0.5">
      {options.map(({ value, text, Icon }) => (
        <button
          key={value}
          type="button"
          aria-pressed={view === value}
          aria-label={text}
          title={text}
          onClick={() => onView(value)}
          className="flex h-7.5 w-8 items-center justify-center rounded-md text-muted hover:text-ink aria-pressed:bg-surface aria-pressed:text-ink aria-pressed:shadow-sm pointer-coarse:size-10"
        >
          <Icon />
        </button>
      ))}
    </div>
  );
}
