// The arithmetic of the latency chart: scales, ticks, and where lines break.

export interface Sample {
  // Milliseconds since 1970: the middle of its bucket.
  at: number;
  // Microseconds; undefined where the bucket has no ok result.
  us: number | undefined;
}

// Round steps from zero to just above `longest`, four of them or so.
export function latencyTicks(longest: number): number[] {
  const raw = Math.max(longest, 100) / 4;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = ([1, 2, 2.5, 5, 10].find((factor) => factor * power >= raw) ?? 10) * power;
  return Array.from({ length: Math.ceil(Math.max(longest, 100) / step) + 1 }, (_, index) => index * step);
}

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const timeSteps = [5 * minute, 10 * minute, 15 * minute, 30 * minute, hour, 2 * hour, 3 * hour, 6 * hour, 12 * hour, day, 2 * day, 7 * day, 14 * day, 30 * day];

export interface TimeTick {
  at: number;
  // True where the tick stands for a day, not for a time of day.
  day: boolean;
}

// Ticks at round local times, at most `most` of them.
export function timeTicks(start: number, end: number, most: number): TimeTick[] {
  const step = timeSteps.find((candidate) => (end - start) / candidate <= most) ?? end - start;
  const zone = new Date(start).getTimezoneOffset() * minute;
  const ticks: TimeTick[] = [];
  for (let at = Math.ceil((start - zone) / step) * step + zone; at <= end; at += step) {
    const time = new Date(at);
    ticks.push({ at, day: step >= day || (time.getHours() === 0 && time.getMinutes() === 0) });
  }
  return ticks;
}

// Runs of samples that a line may join: it breaks at a bucket without ok
// results and where more than `longestGap` passed without any bucket.
export function segments(samples: readonly Sample[], longestGap: number): { at: number; us: number }[][] {
  const runs: { at: number; us: number }[][] = [];
  let run: { at: number; us: number }[] = [];
  let last = -Infinity;
  for (const { at, us } of samples) {
    if ((us === undefined || at - last > longestGap) && run.length > 0) {
      runs.push(run);
      run = [];
    }
    if (us !== undefined) run.push({ at, us });
    last = at;
  }
  if (run.length > 0) runs.push(run);
  return runs;
}

// The index of the sample nearest to `at`; -1 without samples.
export function nearest(times: readonly number[], at: number): number {
  let best = -1;
  let distance = Infinity;
  times.forEach((time, index) => {
    if (Math.abs(time - at) < distance) {
      distance = Math.abs(time - at);
      best = index;
    }
  });
  return best;
}
