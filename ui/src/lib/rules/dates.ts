// Dates as YYYY-MM-DD, without a time zone.
const DAY_MS = 86_400_000;

/** Days since 1970; null for anything that is no date of the calendar. */
export function dayOf(text: string): number | null {
  const found = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text);
  if (!found) return null;
  const ms = Date.UTC(Number(found[1]), Number(found[2]) - 1, Number(found[3]));
  return dateOf(ms / DAY_MS) === text ? ms / DAY_MS : null;
}

export const dateOf = (day: number): string => new Date(day * DAY_MS).toISOString().slice(0, 10);
export const yearOf = (text: string): number | null => (dayOf(text) === null ? null : Number(text.slice(0, 4)));
/** Monday is 0. */
export const weekdayOf = (day: number): number => (((day + 3) % 7) + 7) % 7;
export const daysOfMonth = (year: number, month: number): number => new Date(Date.UTC(year, month, 0)).getUTCDate();

/** What was surely meant: `2027-2-6`, `2027/02/06`, `20270206`, `2027年2月6日`; anything else stays as typed. */
export function tidyDate(typed: string): string {
  const text = typed.normalize('NFKC').trim();
  const found = /^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?$/.exec(text) ?? /^(\d{4})(\d{2})(\d{2})$/.exec(text);
  const tidy = found ? `${found[1]}-${(found[2] ?? '').padStart(2, '0')}-${(found[3] ?? '').padStart(2, '0')}` : text;
  return dayOf(tidy) === null ? text : tidy;
}

/** Every date from one to the other, both included; at most `max`. */
export function datesBetween(from: string, to: string, max: number): string[] {
  const [first, last] = [dayOf(from), dayOf(to)];
  if (first === null || last === null || last < first) return [];
  return Array.from({ length: Math.min(last - first + 1, max) }, (_, n) => dateOf(first + n));
}
