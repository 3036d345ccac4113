// Opening hours as people type them: "HH:MM", half-open, 24:00 is the end of the day.
import type { Span } from './types';

const DAY_MINUTES = 1440;
/** As the core holds it. */
export const SPANS_PER_DAY_MAX = 24;
const LUNCH_MINUTES = 60;
const WORKDAY: Span = ['09:00', '18:00'];

export type SpanProblem = 'missing' | 'time' | 'reversed' | 'overlap';

/** Minutes since midnight; null for anything but `HH:MM` up to 24:00. */
export function minuteOf(text: string): number | null {
  const found = /^(\d\d):(\d\d)$/.exec(text);
  if (!found) return null;
  const [hour, minute] = [Number(found[1]), Number(found[2])];
  return minute < 60 && hour * 60 + minute <= DAY_MINUTES ? hour * 60 + minute : null;
}

export const timeOf = (minute: number): string => `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;

/** What was surely meant: `9`, `930`, `9:30`, `９：３０`, `9.30`; anything else stays as typed. */
export function tidyTime(typed: string): string {
  const text = typed.normalize('NFKC').trim();
  const found = /^(\d{1,2})(?:[:.hH](\d{2}))?$/.exec(text) ?? /^(\d{1,2})(\d{2})$/.exec(text);
  const tidy = found ? `${(found[1] ?? '').padStart(2, '0')}:${found[2] ?? '00'}` : text;
  return minuteOf(tidy) === null ? text : tidy;
}

/** What is wrong with each interval of one day. Breaks may overlap. */
export function spanProblems(spans: readonly Span[], overlapAllowed = false): (SpanProblem | null)[] {
  const read = spans.map(([from, to]) => ({ from: minuteOf(from), to: minuteOf(to) }));
  return read.map(({ from, to }, at) => {
    const [fromText, toText] = spans[at] ?? ['', ''];
    if (fromText.trim() === '' || toText.trim() === '') return 'missing';
    if (from === null || to === null) return 'time';
    if (from >= to) return 'reversed';
    const clash = read.some((other, n) => n < at && other.from !== null && other.to !== null && other.from < to && from < other.to);
    return clash && !overlapAllowed ? 'overlap' : null;
  });
}

/** A further interval after those there are: after lunch until the evening, or empty where nothing fits. */
export function nextSpan(spans: readonly Span[]): Span {
  const ends = spans.map(([, to]) => minuteOf(to) ?? 0);
  if (ends.length === 0) return [...WORKDAY];
  const from = Math.max(...ends) + LUNCH_MINUTES;
  const evening = minuteOf(WORKDAY[1]) ?? 0;
  const to = from < evening ? evening : from + 2 * LUNCH_MINUTES;
  return to <= DAY_MINUTES ? [timeOf(from), timeOf(to)] : ['', ''];
}

export const spanText = (spans: readonly Span[]): string => spans.map(([from, to]) => `${from}–${to}`).join(', ');
export const copySpans = (spans: readonly Span[]): Span[] => spans.map(([from, to]) => [from, to]);
