import { create } from '@bufbuild/protobuf';
import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import { expect, test } from 'vitest';

import { LatencySchema } from '@/gen/openseer/v1/metrics_service_pb';

import { latencyData, withGaps } from './chart-data';

const micro = (us: number) => ({ seconds: 0n, nanos: us * 1000 });

test('a gap gets a time of its own, at which lines break', () => {
  expect(withGaps([0, 10, 20, 80, 90], 25)).toEqual([0, 10, 20, 50, 80, 90]);
});

test('a bucket without ok results is no point of the line, and a failure is marked', () => {
  const minute = 60_000;
  const latency = create(LatencySchema, {
    start: timestampFromMs(0),
    end: timestampFromMs(10 * minute),
    bucket: { seconds: 60n, nanos: 0 },
    series: [
      {
        points: [
          { start: timestampFromMs(0), p50: micro(100), p95: micro(200), p99: micro(300), ok: 3n },
          { start: timestampFromMs(minute), failed: 2n },
        ],
        p95: micro(200),
      },
    ],
  });
  const data = latencyData(latency, undefined, minute);
  expect(data.times).toEqual([minute / 2, minute * 1.5]);
  expect(data.lines.map(({ name, values }) => [name, ...values])).toEqual([
    ['P99', 300, null],
    ['P95', 200, null],
    ['P50', 100, null],
  ]);
  expect(data.failedAt).toEqual([minute * 1.5]);
});
