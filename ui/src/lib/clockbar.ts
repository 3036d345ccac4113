// A clock as a bar in business time: how much of the target is used up, where it paused, where the bell rings.
import type { ClockMark, ClockView, ExplainedPause, Interval } from '../api/generated';
import { IMMINENT_MS } from './countdown';

export type BarState = 'met' | 'late' | 'cancelled' | 'paused' | 'breached' | 'imminent' | 'running';
/** All places are shares of the target. A pause uses nothing up: it is a notch at the place where it began. */
export type Bar = { state: BarState; fill: number; pauses: (ExplainedPause & { place: number })[]; marks: (ClockMark & { passed: boolean })[] };

const clamp = (n: number): number => Math.min(1, Math.max(0, n));

/** The deadline is absolute, so the state moves with the clock on the wall between two answers of the core. */
export function barState(clock: ClockView, now: number): BarState {
  if (clock.state === 'achieved') return 'met';
  if (clock.state === 'late' || clock.state === 'cancelled') return clock.state;
  if (clock.state === 'paused' || clock.deadline_at === null) return 'paused';
  if (now > clock.deadline_at) return 'breached';
  return clock.state === 'imminent' || clock.state === 'breaching' || clock.deadline_at - now < IMMINENT_MS ? 'imminent' : 'running';
}

const countedBefore = (counted: readonly Interval[], at: number): number => counted.reduce((sum, one) => sum + Math.max(0, Math.min(one.to, at) - one.from), 0);

/** Part of the target that is used up at an instant of the clock's life; above 1 is not told apart from 1. */
export function shareAt(clock: ClockView, at: number): number {
  const { counted, counted_total, target_ms } = clock.why;
  if (clock.deadline_at !== null && at >= clock.deadline_at) return 1;
  if (target_ms && counted.length === counted_total) return clamp(countedBefore(counted, at) / target_ms);
  // Not every interval is here: between two instants of which the share is known, evenly.
  const known = [{ at: clock.started_at, share: 0 }, ...clock.marks.flatMap((mark) => (mark.at === null ? [] : [{ at: mark.at, share: mark.share }]))];
  const after = known.findIndex((one) => one.at > at);
  const [before, next] = [known[after - 1], known[after]];
  if (!before || !next) return clamp(clock.share);
  return before.share + ((next.share - before.share) * (at - before.at)) / (next.at - before.at);
}

export function bar(clock: ClockView, now: number): Bar {
  const state = barState(clock, now);
  const stands = clock.stopped_at !== null || state === 'paused';
  const fill = state === 'breached' || state === 'late' ? 1 : stands ? clamp(clock.share) : shareAt(clock, now);
  return {
    state,
    fill,
    pauses: clock.why.pauses.map((pause) => ({ ...pause, place: shareAt(clock, pause.from) })),
    marks: clock.marks.filter((mark) => mark.share < 1).map((mark) => ({ ...mark, passed: mark.share <= fill })),
  };
}

/** The latest instance of each metric that is on the ticket, in the order of a ticket's life, and all earlier ones. */
export function latestAndEarlier(clocks: readonly ClockView[]): { latest: ClockView[]; earlier: ClockView[] } {
  const metrics = ['first_response', 'next_response', 'first_resolution', 'resolution', 'visit'] as const;
  const latest: ClockView[] = [];
  const earlier: ClockView[] = [];
  for (const metric of metrics) {
    const mine = clocks.filter((clock) => clock.metric === metric).toSorted((a, b) => b.instance - a.instance);
    if (mine[0]) latest.push(mine[0]);
    earlier.push(...mine.slice(1));
  }
  return { latest, earlier: earlier.toSorted((a, b) => b.started_at - a.started_at) };
}

export const clockKey = (clock: ClockView): string => `${clock.metric}-${clock.instance}`;
