import { MonitorOrder, MonitorState } from '@/gen/openseer/v1/monitor_service_pb';

export type Sort = 'state' | 'name' | 'uptime' | 'slowest' | 'created';
export type View = 'table' | 'grid';

// What of the list is shown and how: all of it is in the address, so that a
// view can be shared.
export interface ListQuery {
  search: string;
  states: MonitorState[];
  tags: string[];
  regions: string[];
  sort: Sort;
  byTag: boolean;
  view: View;
}

export const sorts: readonly Sort[] = ['state', 'name', 'uptime', 'slowest', 'created'];

export const orders: Readonly<Record<Sort, MonitorOrder>> = {
  state: MonitorOrder.STATE,
  name: MonitorOrder.NAME,
  uptime: MonitorOrder.UPTIME,
  slowest: MonitorOrder.SLOWEST,
  created: MonitorOrder.CREATED,
};

export const filterStates: readonly MonitorState[] = [
  MonitorState.DOWN,
  MonitorState.DEGRADED,
  MonitorState.NO_DATA,
  MonitorState.PENDING,
  MonitorState.UP,
  MonitorState.PAUSED,
];

type Raw = Readonly<Record<string, string | string[] | undefined>>;

// Lists are repeated parameters, so that a tag may contain a comma. What makes
// no sense is left out.
export function parseQuery(raw: Raw): ListQuery {
  const all = (name: string) => {
    const value = raw[name];
    return value === undefined ? [] : typeof value === 'string' ? [value] : value;
  };
  const one = (name: string) => all(name)[0] ?? '';
  return {
    search: one('q'),
    states: filterStates.filter((state) => all('state').includes(MonitorState[state].toLowerCase())),
    tags: all('tag'),
    regions: all('region'),
    sort: sorts.find((sort) => sort === one('sort')) ?? 'state',
    byTag: one('group') === 'tag',
    view: one('view') === 'grid' ? 'grid' : 'table',
  };
}

// Only what differs from the plain list.
export function formatQuery(query: ListQuery): Record<string, string | string[]> {
  return {
    ...(query.search === '' ? {} : { q: query.search }),
    ...(query.states.length === 0 ? {} : { state: query.states.map((state) => MonitorState[state].toLowerCase()) }),
    ...(query.tags.length === 0 ? {} : { tag: query.tags }),
    ...(query.regions.length === 0 ? {} : { region: query.regions }),
    ...(query.sort === 'state' ? {} : { sort: query.sort }),
    ...(query.byTag ? { group: 'tag' } : {}),
    ...(query.view === 'table' ? {} : { view: query.view }),
  };
}

export function isFiltered(query: ListQuery): boolean {
  return query.search !== '' || query.states.length > 0 || query.tags.length > 0 || query.regions.length > 0;
}
