// A clock as a bar: how far it is filled, where its pauses lie, and which state it is in at this second.
import type { ClockView, Interval } from '../api/generated';
import { IMMINENT_MS } from './countdown';

export type BarState = 'met' | 'late' | 'cancelled' | 'paused' | 'breached' | 'imminent' | 'running';
/** `pauses`: everything that does not count. All places are shares of the bar. */
export type Bar = { state: BarState; fill: number; pauses: { left: number; width: number }[]; thresholds: number[] };

const clamp = (n: number): number => Math.min(1, Math.max(0, n));

/** The deadline is absolute, so the state moves with the clock on the wall between two answers of the core. */
export function barState(clock: ClockView, now: number): BarState {
  if (clock.state === 'achieved') return 'met';
  if (clock.state === 'late' || clock.state === 'cancelled') return clock.state;
  if (clock.state === 'paused' || clock.deadline_at === null) return 'paused';
  if (now > clock.deadline_at) return 'breached';
  return clock.deadline_at - now < IMMINENT_MS ? 'imminent' : 'running';
}

/** The time that counts, where every interval of it is known up to the deadline. */
function counted(clock: ClockView): Interval[] | null {
  return clock.why && clock.why.open_more === 0 && clock.why.open.length > 0 && clock.deadline_at !== null ? clock.why.open : null;
}

/** What lies between the intervals that count: pauses and hours outside the calendar. */
function between(open: readonly Interval[], from: number, to: number): Interval[] {
  const gaps: Interval[] = [];
  let at = from;
  for (const one of open) {
    if (one.from > at) gaps.push({ from: at, to: one.from });
    at = Math.max(at, one.to);
  }
  if (to > at) gaps.push({ from: at, to });
  return gaps;
}

/** When a share of the target is used up. */
function instantOfShare(open: readonly Interval[], share: number): number {
  let left = share * open.reduce((sum, one) => sum + one.to - one.from, 0);
  for (const one of open) {
    if (left <= one.to - one.from) return one.from + left;
    left -= one.to - one.from;
  }
  return open.at(-1)?.to ?? 0;
}

export function bar(clock: ClockView, now: number): Bar {
  const state = barState(clock, now);
  const end = Math.max(clock.deadline_at ?? clock.stopped_at ?? now, clock.started_at + 1);
  const span = end - clock.started_at;
  const place = (at: number): number => clamp((at - clock.started_at) / span);
  const until = clock.stopped_at ?? (state === 'paused' ? (clock.paused_since ?? now) : now);
  const open = counted(clock);
  const pauses = open ? between(open, clock.started_at, end) : [...clock.pauses, ...(clock.paused_since !== null && clock.stopped_at === null ? [{ from: clock.paused_since, to: now }] : [])];
  return {
    state,
    fill: state === 'breached' || state === 'late' ? 1 : state === 'paused' && clock.deadline_at === null ? clamp(clock.share) : place(until),
    pauses: clock.deadline_at === null ? [] : pauses.map((pause) => ({ left: place(pause.from), width: Math.max(0.006, place(pause.to) - place(pause.from)) })),
    thresholds: clock.thresholds.filter((share) => share > 0 && share < 1).map((share) => (open ? place(instantOfShare(open, share)) : share)),
  };
}
