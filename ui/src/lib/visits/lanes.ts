// Things of one day beside one another, so that none covers another.
export type Span = { from: number; to: number };
export type Placed<T> = { item: T; lane: number; lanes: number };

/**
 * The first free lane from the left, in order of beginning; those that touch in time through one another share the width.
 * What is longer comes first where two begin together.
 */
export function place<T extends Span>(items: readonly T[]): Placed<T>[] {
  const sorted = items.toSorted((a, b) => a.from - b.from || b.to - a.to);
  const placed: Placed<T>[] = [];
  let cluster: Placed<T>[] = [];
  let ends: number[] = [];
  let until = Number.NEGATIVE_INFINITY;
  const close = (): void => {
    for (const one of cluster) one.lanes = ends.length;
    placed.push(...cluster);
    cluster = [];
    ends = [];
  };
  for (const item of sorted) {
    if (item.from >= until) close();
    const free = ends.findIndex((end) => end <= item.from);
    const lane = free < 0 ? ends.length : free;
    ends[lane] = item.to;
    cluster.push({ item, lane, lanes: 1 });
    until = cluster.length === 1 ? item.to : Math.max(until, item.to);
  }
  close();
  return placed;
}

/** What is closed between two minutes of a day, given when it is open. */
export function closedSpans(open: readonly Span[], from: number, to: number): Span[] {
  const closed: Span[] = [];
  let at = from;
  for (const span of open.toSorted((a, b) => a.from - b.from)) {
    if (span.from > at) closed.push({ from: at, to: Math.min(span.from, to) });
    at = Math.max(at, span.to);
  }
  if (at < to) closed.push({ from: at, to });
  return closed.filter((span) => span.to > span.from);
}

/** Full hours that hold everything, at least the given ones. */
export function hoursAround(spans: readonly Span[], least: Span): Span {
  const from = Math.min(least.from, ...spans.map((span) => Math.floor(span.from / 60) * 60));
  const to = Math.max(least.to, ...spans.map((span) => Math.ceil(span.to / 60) * 60));
  return { from: Math.max(from, 0), to: Math.min(to, 1440) };
}
