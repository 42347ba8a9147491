import { expect, test } from 'vitest';

import { MonitorState } from '@/gen/openseer/v1/monitor_service_pb';

import { formatQuery, type ListQuery, parseQuery } from './list-query';

const plain: ListQuery = { search: '', states: [], tags: [], regions: [], sort: 'state', byTag: false, view: 'table' };

test('an address without parameters is the plain list, and the other way round', () => {
  expect(parseQuery({})).toEqual(plain);
  expect(formatQuery(plain)).toEqual({});
});

test('a view survives its address', () => {
  const view: ListQuery = {
    search: 'shop & co',
    states: [MonitorState.DOWN, MonitorState.NO_DATA],
    tags: ['a,b', 'c'],
    regions: ['eu-west'],
    sort: 'slowest',
    byTag: true,
    view: 'grid',
  };
  expect(parseQuery(formatQuery(view))).toEqual(view);
});

test('what makes no sense is left out', () => {
  expect(parseQuery({ state: ['down', 'sideways'], sort: 'luck', view: 'cube', group: 'moon' })).toEqual({ ...plain, states: [MonitorState.DOWN] });
});
