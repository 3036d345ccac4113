// The strip of the next 24 hours: where each deadline stands, and which of them are drawn as one.
import type { Priority, Watch, WatchCard } from '../api/generated';

type Tick = Watch['horizon']['ticks'][number];
/** Deadlines drawn as one: from the first to the last of them. `clocks` names the soonest. */
export type Cluster = { x: number; from: number; to: number; total: number; by: Record<Priority, number>; clocks: WatchCard[] };

/** Tickets named in one cluster. */
export const NAMED_MAX = 6;

/** Ticks in order of time; those closer than `gap` to the start of a cluster belong to it. */
export function clusters(ticks: readonly Tick[], from: number, to: number, width: number, gap: number): Cluster[] {
  const made: Cluster[] = [];
  const sorted = ticks.filter((tick) => tick.at >= from && tick.at < to).toSorted((a, b) => a.at - b.at);
  for (const tick of sorted) {
    const x = ((tick.at - from) / (to - from)) * width;
    let last = made.at(-1);
    if (!last || x - last.x >= gap) {
      last = { x, from: tick.at, to: tick.to, total: 0, by: { urgent: 0, important: 0, routine: 0 }, clocks: [] };
      made.push(last);
    }
    last.to = Math.max(last.to, tick.to);
    for (const [priority, count] of tick.by_priority) {
      last.by[priority] += count;
      last.total += count;
    }
    last.clocks.push(...tick.clocks.slice(0, NAMED_MAX - last.clocks.length));
  }
  return made;
}

export const highest = (by: Record<Priority, number>): Priority => (by.urgent > 0 ? 'urgent' : by.important > 0 ? 'important' : 'routine');

const BASE: Record<Priority, number> = { urgent: 0.72, important: 0.56, routine: 0.4 };

/** Of the strip: an urgent one stands higher, and every doubling adds a step. */
export function height(cluster: Pick<Cluster, 'by' | 'total'>): number {
  return Math.min(1, BASE[highest(cluster.by)] + Math.log2(Math.max(1, cluster.total)) * 0.07);
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

/** The cluster closest to a place on the strip, at most `reach` away; -1 for none. */
export function nearest(placed: readonly { x: number }[], x: number, reach: number): number {
  let best = -1;
  let distance = reach;
  for (const [index, one] of placed.entries()) {
    const away = Math.abs(one.x - x);
    if (away <= distance) {
      best = index;
      distance = away;
    }
  }
  return best;
}
