// Who is away when, and who acts: words for cards. The core decides who acts; this says it.
import type { Person } from '../api/generated';

export type Absence = Person['absences'][number];

/** The absence that `now` falls into; its end is the first moment back. */
export const absentNow = (person: Pick<Person, 'absences'>, now: number): Absence | null => person.absences.find((one) => one.from <= now && now < one.to) ?? null;

/** The next absence that has not begun. */
export const absentNext = (person: Pick<Person, 'absences'>, now: number): Absence | null =>
  person.absences.filter((one) => one.from > now).toSorted((a, b) => a.from - b.from)[0] ?? null;

const DAY_MS = 86_400_000;

/** Of an end at midnight, the last day that is meant. */
export function lastMoment(to: number): { at: number; wholeDay: boolean } {
  const end = new Date(to);
  return end.getHours() === 0 && end.getMinutes() === 0 ? { at: to - DAY_MS / 2, wholeDay: true } : { at: to, wholeDay: false };
}
