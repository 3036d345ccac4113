// The strip of the next 24 hours: where each deadline stands, and how ticks that would touch get different heights.

export type HorizonTick<T> = { item: T; x: number; level: number };

export const LEVELS = 5;

/** Ticks in order of time; one that is closer than `gap` to the last tick of a level takes the next free level. */
export function stack<T>(items: readonly T[], at: (item: T) => number, from: number, to: number, width: number, gap: number): HorizonTick<T>[] {
  const lastX: number[] = Array.from({ length: LEVELS }, () => Number.NEGATIVE_INFINITY);
  const sorted = items.filter((item) => at(item) >= from && at(item) <= to).toSorted((a, b) => at(a) - at(b));
  return sorted.map((item) => {
    const x = ((at(item) - from) / (to - from)) * width;
    const free = lastX.findIndex((last) => x - last >= gap);
    // All taken: the level whose last tick is furthest back.
    const level = free >= 0 ? free : lastX.indexOf(Math.min(...lastX));
    lastX[level] = x;
    return { item, x, level };
  });
}

/** Full hours inside the strip, every `step` hours of the local day. */
export function hours(from: number, to: number, step: number): number[] {
  const first = new Date(from);
  first.setMinutes(0, 0, 0);
  const marks: number[] = [];
  for (let at = first.getTime(); at <= to; at += 3_600_000) {
    if (at >= from && new Date(at).getHours() % step === 0) marks.push(at);
  }
  return marks;
}

/** The tick closest to a place on the strip, at most `reach` away; -1 for none. */
export function nearest<T>(ticks: readonly HorizonTick<T>[], x: number, reach: number): number {
  let best = -1;
  let distance = reach;
  for (const [index, tick] of ticks.entries()) {
    const away = Math.abs(tick.x - x);
    if (away <= distance) {
      best = index;
      distance = away;
    }
  }
  return best;
}
