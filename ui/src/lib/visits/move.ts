// Moving a visit: which free slot is meant by a place on the calendar, or by an arrow key.
export type Target = { column: number; from: number };

/** The slot of the column that begins nearest to a minute of the day; null where that column has none. */
export function nearest<T extends Target>(slots: readonly T[], column: number, minute: number): T | null {
  let best: T | null = null;
  for (const slot of slots) {
    if (slot.column !== column) continue;
    if (!best || Math.abs(slot.from - minute) < Math.abs(best.from - minute)) best = slot;
  }
  return best;
}

const STEPS: Record<string, { column: number; row: number }> = { ArrowLeft: { column: -1, row: 0 }, ArrowRight: { column: 1, row: 0 }, ArrowUp: { column: 0, row: -1 }, ArrowDown: { column: 0, row: 1 } };

/** Up and down within a day and on into its neighbour, left and right to the next day that has any; null where the key means nothing. */
export function step<T extends Target>(slots: readonly T[], at: T | null, key: string): T | null {
  const go = STEPS[key];
  const ordered = slots.toSorted((a, b) => a.column - b.column || a.from - b.from);
  const [first, last] = [ordered.at(0) ?? null, ordered.at(-1) ?? null];
  if (key === 'Home') return first;
  if (key === 'End') return last;
  if (!go) return null;
  if (!at) return go.column < 0 || go.row < 0 ? last : first;
  const index = ordered.indexOf(at);
  if (go.row !== 0) return ordered[index + go.row] ?? at;
  const columns = [...new Set(ordered.map((slot) => slot.column))];
  const column = columns[columns.indexOf(at.column) + go.column];
  return column === undefined ? at : nearest(ordered, column, at.from);
}
