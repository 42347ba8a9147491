import { create } from '@bufbuild/protobuf';
import { expect, test } from 'vitest';

import { MonitorSummarySchema } from '@/gen/openseer/v1/monitor_service_pb';

import { listItems } from './list-items';

const monitors = [
  create(MonitorSummarySchema, { id: '1', tags: ['shop', 'eu'] }),
  create(MonitorSummarySchema, { id: '2' }),
  create(MonitorSummarySchema, { id: '3', tags: ['shop'] }),
];
const shown = (byTag: boolean) => listItems(monitors, byTag).map((item) => (item.kind === 'group' ? `${item.tag}:${item.count}` : item.monitor.id));

test('an ungrouped list keeps the order it came in', () => {
  expect(shown(false)).toEqual(['1', '2', '3']);
});

test('by tag, a monitor stands under each of its tags, and those without come last', () => {
  expect(shown(true)).toEqual(['eu:1', '1', 'shop:2', '1', '3', ':1', '2']);
});

test('no two items share a key', () => {
  const keys = listItems(monitors, true).map((item) => (item.kind === 'group' ? `tag ${item.tag}` : item.key));
  expect(new Set(keys).size).toBe(keys.length);
});
