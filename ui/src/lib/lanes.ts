// Cards move between lanes as time passes, without asking the core again. A lane's cards are the soonest of the lane, in
// order; the core is asked only when a lane with more than it shows runs short.
import type { Watch, WatchCard, WatchLane } from '../api/generated';
import { IMMINENT_MS, SOON_MS } from './countdown';

/** A lane with more clocks than cards is filled again below this many. */
export const CARDS_LOW = 6;

const order: WatchLane['lane'][] = ['breached', 'minutes', 'hour', 'today', 'later'];

export function laneOf(deadline: number, now: number, midnight: number): WatchLane['lane'] {
  if (deadline < now) return 'breached';
  if (deadline < now + IMMINENT_MS) return 'minutes';
  if (deadline < now + SOON_MS) return 'hour';
  return deadline < Math.max(midnight, now + SOON_MS) ? 'today' : 'later';
}

export const cardKey = (card: WatchCard): string => `${card.ticket_id}-${card.metric}-${card.instance}`;

/** The watch as it is at `now`; `short`: a lane has run out of cards that the core knows. The same object when nothing moved. */
export function relane(watch: Watch, now: number): { watch: Watch; short: boolean } {
  const lanes = watch.lanes.map((lane) => ({ ...lane, cards: [...lane.cards] }));
  let moved = false;
  for (const lane of lanes) {
    while (lane.cards[0] && order.indexOf(laneOf(lane.cards[0].deadline_at, now, watch.midnight)) < order.indexOf(lane.lane)) {
      const [card] = lane.cards.splice(0, 1);
      const target = card && lanes.find((one) => one.lane === laneOf(card.deadline_at, now, watch.midnight));
      if (!card || !target) break;
      // Behind cards that are not here there is no place for it.
      if (target.cards.length === target.total) target.cards.push(card);
      target.total += 1;
      lane.total -= 1;
      moved = true;
    }
  }
  if (!moved) return { watch, short: false };
  const ahead = lanes.flatMap((lane) => lane.cards).filter((card) => card.deadline_at >= now);
  const next = ahead.reduce<number | null>((least, card) => (least === null || card.deadline_at < least ? card.deadline_at : least), null);
  return { watch: { ...watch, lanes, next_deadline: next ?? watch.next_deadline }, short: lanes.some((lane) => lane.cards.length < Math.min(lane.total, CARDS_LOW)) };
}

/** The next instant at which the first card of a lane belongs in another one. */
export function nextMove(watch: Watch, now: number): number {
  let next = Number.POSITIVE_INFINITY;
  for (const card of watch.lanes.flatMap((lane) => lane.cards)) {
    // A deadline is breached from the next millisecond on; the two other bounds are crossed at their instant plus one.
    for (const at of [card.deadline_at + 1, card.deadline_at - IMMINENT_MS + 1, card.deadline_at - SOON_MS + 1]) if (at > now && at < next) next = at;
  }
  return next;
}

/** Where an arrow key leads from one card to another; `null` where it leads nowhere. Sideways keeps the row if it can. */
export function walkLanes<T>(lanes: readonly (readonly T[])[], at: unknown, key: string): T | null {
  const lane = lanes.findIndex((cards) => cards.some((card) => card === at));
  const row = lanes[lane]?.findIndex((card) => card === at) ?? -1;
  if (row < 0) return null;
  const to: Record<string, [number, number]> = { ArrowDown: [lane, row + 1], ArrowUp: [lane, row - 1], ArrowRight: [lane + 1, row], ArrowLeft: [lane - 1, row], Home: [lane, 0], End: [lane, Number.POSITIVE_INFINITY] };
  const [toLane, toRow] = to[key] ?? [-1, -1];
  const cards = lanes[toLane];
  if (!cards || toRow < 0) return null;
  return cards[Math.min(toRow, cards.length - 1)] ?? null;
}
