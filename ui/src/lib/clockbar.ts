// A clock as a bar: how far it is filled, where its pauses lie, and which state it is in at this second.
import type { ClockView } from '../api/generated';
import { IMMINENT_MS } from './countdown';

export type BarState = 'met' | 'late' | 'cancelled' | 'paused' | 'breached' | 'imminent' | 'running';
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

export function bar(clock: ClockView, now: number): Bar {
  const state = barState(clock, now);
  const end = Math.max(clock.deadline_at ?? clock.stopped_at ?? now, clock.started_at + 1);
  const span = end - clock.started_at;
  const place = (at: number): number => clamp((at - clock.started_at) / span);
  const until = clock.stopped_at ?? (state === 'paused' ? (clock.paused_since ?? now) : now);
  const pauses = [...clock.pauses, ...(clock.paused_since !== null && clock.stopped_at === null ? [{ from: clock.paused_since, to: now }] : [])];
  return {
    state,
    fill: state === 'breached' || state === 'late' ? 1 : state === 'paused' && clock.deadline_at === null ? clamp(clock.share) : place(until),
    pauses: clock.deadline_at === null ? [] : pauses.map((pause) => ({ left: place(pause.from), width: Math.max(0.006, place(pause.to) - place(pause.from)) })),
    thresholds: clock.thresholds.filter((share) => share > 0 && share < 1),
  };
}
