// The calendar of visits as columns of a day: which days are shown, what stands in each, and what is closed.
import type { Engineer, ServiceCentre, Slot, VisitView } from '../../api/generated';
import { closedSpans, hoursAround, place, type Placed, type Span } from './lanes';
import { addDays, DAY_MINUTES, weekOf, wall } from './wall';

/** The desk's own name of a visit; it never changes. */
export type VisitKey = string;
export type BoardMode = 'week' | 'day' | 'list';
export type VisitItem = Span & { kind: 'visit'; key: string; view: VisitView; start: number; end: number };
export type SlotItem = Span & { kind: 'slot'; key: string; slot: Slot };
/** Visits that begin and end together where there is no room for them side by side. */
export type StackItem = Span & { kind: 'stack'; key: string; visits: VisitItem[] };
export type Item = VisitItem | SlotItem;
export type Block = Item | StackItem;
/** `engineer`: an id; '' for visits whose engineer is not known; null where the column is everybody's. */
export type Column = { id: string; date: string; engineer: string | null; items: Placed<Block>[]; closed: Span[]; open: boolean };
export type Board = { columns: Column[]; hours: Span };

/** Hours that are shown even when nothing is on. */
const LEAST: Span = { from: 8 * 60, to: 19 * 60 };
const MINUTES_DEFAULT = 120;

export const ended = (view: VisitView): boolean => view.visit.state === 'declined' || view.visit.state === 'cancelled';

/** When it takes place; for one that nobody confirmed, when it was asked for, where a time was named. */
export function timeOf(view: VisitView): { start: number; end: number; asked: boolean } | null {
  const { slot, history } = view.visit;
  if (slot) return { start: slot.start, end: slot.end, asked: false };
  const start = history.findLast((event) => event.kind === 'requested')?.start ?? null;
  if (start === null || view.visit.state === 'done') return null;
  return { start, end: start + (view.centre?.rules.slot_minutes ?? MINUTES_DEFAULT) * 60_000, asked: true };
}

/** Visits without any time, which a calendar cannot show, and which are not at their end. */
export const unplaced = (views: readonly VisitView[]): VisitView[] => views.filter((view) => !ended(view) && view.visit.state !== 'done' && timeOf(view) === null);

export const centreId = (account: number, remote: string): string => `${account}:${remote}`;
export const centreOf = (view: VisitView): string => (view.visit.centre_id === '' ? '' : centreId(view.account, view.visit.centre_id));

function daySpan(start: number, end: number, date: string, zone: string): Span | null {
  const [from, to] = [wall(start, zone), wall(end, zone)];
  if (from.date > date || to.date < date) return null;
  const span = { from: from.date === date ? from.minute : 0, to: to.date === date ? to.minute : DAY_MINUTES };
  return span.to > span.from ? span : null;
}

export type Parts = {
  views: readonly VisitView[];
  slots: readonly Slot[];
  /** The day in sight, or any day of the week in sight. */
  date: string;
  mode: 'week' | 'day';
  zone: string;
  /** Null: everybody. */
  engineer: string | null;
  engineers: readonly Engineer[];
  /** The visit that is being moved: every slot is offered then, and its own tile steps back. */
  moving?: VisitKey | null;
  /** How many stand side by side in a column and can still be read. */
  lanesMax?: number;
  /** When it is open, by date; a date that is missing is not known. */
  open: ReadonlyMap<string, readonly Span[]>;
};

const engineerOf = (view: VisitView): string => view.visit.engineer_id ?? '';

function itemsOf(parts: Parts, date: string, engineer: string | null): Item[] {
  const visits = parts.views.flatMap((view): VisitItem[] => {
    const time = ended(view) ? null : timeOf(view);
    const span = time && daySpan(time.start, time.end, date, parts.zone);
    if (!time || !span || (engineer !== null && engineerOf(view) !== engineer)) return [];
    return [{ kind: 'visit', key: view.key, view, start: time.start, end: time.end, ...span }];
  });
  const slots = parts.slots.flatMap((slot): SlotItem[] => {
    const span = daySpan(slot.start, slot.end, date, parts.zone);
    if (!span || (engineer !== null && !slot.engineer_ids.includes(engineer))) return [];
    return [{ kind: 'slot', key: `${slot.centre_id} ${slot.start} ${engineer ?? ''}`, slot, ...span }];
  });
  if (parts.moving) return [...visits, ...slots];
  // Where a visit stands, what is still free beside it is left out: the wizard and a move offer it.
  return [...visits, ...slots.filter((slot) => visits.every((visit) => visit.to <= slot.from || slot.to <= visit.from))];
}

/** Side by side as long as that can be read; else those of one time become one list. */
function arrange(items: readonly Item[], lanesMax: number): Placed<Block>[] {
  const placed: Placed<Block>[] = place<Block>(items);
  if (placed.every((one) => one.lanes <= lanesMax)) return placed;
  const groups = new Map<string, VisitItem[]>();
  for (const item of items) if (item.kind === 'visit') groups.set(`${item.from} ${item.to}`, [...(groups.get(`${item.from} ${item.to}`) ?? []), item]);
  const crowded = new Set(placed.flatMap(({ item, lanes }) => (lanes > lanesMax && item.kind === 'visit' ? [`${item.from} ${item.to}`] : [])));
  const stacks = [...groups].flatMap(([id, visits]): StackItem[] => {
    const [first] = visits;
    return first && crowded.has(id) && visits.length > 1 ? [{ kind: 'stack', key: `stack ${id}`, visits, from: first.from, to: first.to }] : [];
  });
  const stacked = new Set(stacks.flatMap((stack) => stack.visits));
  return place<Block>([...items.filter((item) => item.kind !== 'visit' || !stacked.has(item)), ...stacks]);
}

function column(parts: Parts, date: string, engineer: string | null, id: string): Column & { spans: readonly Span[] } {
  const spans = parts.open.get(date);
  const items = arrange(itemsOf(parts, date, engineer), parts.lanesMax ?? Number.POSITIVE_INFINITY);
  return { id, date, engineer, items, closed: spans ? closedSpans(spans, 0, DAY_MINUTES) : [], open: spans === undefined || spans.length > 0, spans: spans ?? [] };
}

/** Monday to Friday, and as much of the weekend as somebody works on. */
export function shownDays(parts: Pick<Parts, 'date' | 'open' | 'zone' | 'views'>): string[] {
  const needed = (date: string): boolean => (parts.open.get(date)?.length ?? 0) > 0 || parts.views.some((view) => isOn(view, date, parts.zone));
  const days = weekOf(parts.date);
  const last = Math.max(4, days.findLastIndex(needed));
  return days.slice(0, last + 1);
}

/** Whether it takes up some of a day. */
export function isOn(view: VisitView, date: string, zone: string): boolean {
  const time = ended(view) ? null : timeOf(view);
  return time !== null && daySpan(time.start, time.end, date, zone) !== null;
}

/** What a stretch of time shows: what takes place in it, and what has no time yet. */
export function inSight(view: VisitView, span: { from: number; to: number }): boolean {
  if (ended(view)) return false;
  const time = timeOf(view);
  return time ? time.start < span.to && time.end > span.from : view.visit.state !== 'done';
}

export function board(parts: Parts): Board {
  const columns = parts.mode === 'week'
    ? shownDays(parts).map((date) => column(parts, date, parts.engineer, date))
    : dayEngineers(parts).map((engineer) => column(parts, parts.date, engineer, `${parts.date} ${engineer ?? ''}`));
  const spans = columns.flatMap((one) => [...one.spans.filter((span) => span.to - span.from < DAY_MINUTES), ...one.items.map(({ item }) => item)]);
  return { columns, hours: hoursAround(spans, LEAST) };
}

/** One column an engineer, and one for visits of which it is not known who comes. */
function dayEngineers(parts: Parts): (string | null)[] {
  if (parts.engineer !== null) return [parts.engineer];
  if (parts.engineers.length === 0) return [null];
  const known = parts.engineers.map((one) => one.id);
  const other = parts.views.some((view) => isOn(view, parts.date, parts.zone) && !known.includes(engineerOf(view)));
  return other ? [...known, ''] : known;
}

/** First and last date in sight. */
export function rangeOf(date: string, mode: BoardMode, days: readonly string[]): { from: string; to: string } {
  if (mode === 'day') return { from: date, to: date };
  const shown = days.length > 0 ? days : weekOf(date);
  return { from: shown[0] ?? date, to: shown.at(-1) ?? date };
}

export const stepDate = (date: string, mode: BoardMode, by: number): string => addDays(date, mode === 'day' ? by : by * 7);

/** Visits that stand in each other's way: the same engineer at the same time. */
export function clashes(views: readonly VisitView[]): Set<string> {
  const found = new Set<string>();
  const byEngineer = new Map<string, { key: string; start: number; end: number }[]>();
  for (const view of views) {
    const time = ended(view) || view.visit.state === 'done' ? null : timeOf(view);
    const engineer = engineerOf(view);
    if (!time || engineer === '') continue;
    const id = `${centreOf(view)} ${engineer}`;
    const others = byEngineer.get(id) ?? [];
    for (const other of others) {
      if (other.end <= time.start || time.end <= other.start) continue;
      found.add(other.key);
      found.add(view.key);
    }
    byEngineer.set(id, [...others, { key: view.key, ...time }]);
  }
  return found;
}

/** Zone of a centre's hours. */
export const zoneOf = (centre: ServiceCentre | null | undefined): string | undefined => centre?.calendar?.tz;
