import { useRouter } from 'next/router';
import { useState } from 'react';

import { Range } from '@/gen/openseer/v1/metrics_service_pb';

const names: readonly (readonly [string, Range])[] = [
  ['1h', Range.RANGE_1H],
  ['24h', Range.RANGE_24H],
  ['7d', Range.RANGE_7D],
  ['30d', Range.RANGE_30D],
  ['90d', Range.RANGE_90D],
];

// The range of the chart, kept in the address (?range=7d) so that a reload or
// a link shows the same.
export function useRange(): [Range, (range: Range) => void] {
  const router = useRouter();
  const [range, setShown] = useState(() => names.find(([name]) => name === router.query.range)?.[1] ?? Range.RANGE_24H);
  const setRange = (wanted: Range) => {
    setShown(wanted);
    const name = names.find(([, value]) => value === wanted)?.[0];
    void router.replace({ query: { ...router.query, range: name } }, undefined, { shallow: true, scroll: false });
  };
  return [range, setRange];
}
