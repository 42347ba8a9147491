import { useCallback, useEffect, useMemo, useRef, useState } from 'react';

// Beyond the screen, so that scrolling shows no gaps.
const overscanPx = 600;

export interface WindowedList {
  // For the element that holds the items, `height` pixels high.
  measure: (element: HTMLElement | null) => void;
  width: number;
  height: number;
  // Items first..last-1 are to be rendered, at these offsets.
  first: number;
  last: number;
  offsets: Float64Array;
}

// Which of many items the window shows, as it scrolls.
export function useWindow(heights: readonly number[]): WindowedList {
  const element = useRef<HTMLElement>(null);
  const [view, setView] = useState({ top: 0, bottom: 1200, width: 0 });

  const offsets = useMemo(() => {
    const sums = new Float64Array(heights.length + 1);
    heights.forEach((height, index) => {
      sums[index + 1] = (sums[index] ?? 0) + height;
    });
    return sums;
  }, [heights]);

  const look = useCallback(() => {
    if (element.current === null) return;
    const box = element.current.getBoundingClientRect();
    // In steps, so that not every pixel renders the list.
    const top = Math.floor((-box.top - overscanPx) / 200) * 200;
    const bottom = Math.ceil((window.innerHeight - box.top + overscanPx) / 200) * 200;
    setView((was) => (was.top === top && was.bottom === bottom && was.width === box.width ? was : { top, bottom, width: box.width }));
  }, []);

  useEffect(() => {
    window.addEventListener('scroll', look, { passive: true });
    window.addEventListener('resize', look);
    return () => {
      window.removeEventListener('scroll', look);
      window.removeEventListener('resize', look);
    };
  }, [look]);

  const measure = useCallback(
    (mounted: HTMLElement | null) => {
      element.current = mounted;
      if (mounted === null) return undefined;
      const observer = new ResizeObserver(look);
      observer.observe(mounted);
      look();
      return () => observer.disconnect();
    },
    [look],
  );

  return {
    measure,
    width: view.width,
    height: offsets[heights.length] ?? 0,
    first: firstBelow(offsets, view.top),
    last: Math.min(heights.length, firstBelow(offsets, view.bottom) + 1),
    offsets,
  };
}

// The item that covers `offset`.
export function firstBelow(offsets: Float64Array, offset: number): number {
  let low = 0;
  let high = Math.max(0, offsets.length - 1);
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((offsets[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return Math.min(low, Math.max(0, offsets.length - 2));
}
