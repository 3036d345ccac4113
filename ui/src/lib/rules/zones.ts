// Time zones: their names, how far they are from UTC, and the days on which their clocks change.
const parts = new Map<string, Intl.DateTimeFormat>();

function formatOf(tz: string): Intl.DateTimeFormat | null {
  const known = parts.get(tz);
  if (known) return known;
  try {
    const made = new Intl.DateTimeFormat('en-US', { timeZone: tz, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric' });
    parts.set(tz, made);
    return made;
  } catch {
    return null;
  }
}

/** Minutes east of UTC at an instant; null for a zone that nobody knows. */
export function offsetMinutes(tz: string, at: number): number | null {
  const format = formatOf(tz);
  if (!format) return null;
  const found = Object.fromEntries(format.formatToParts(at).map((part) => [part.type, Number(part.value)]));
  const local = Date.UTC(found['year'] ?? 0, (found['month'] ?? 1) - 1, found['day'], found['hour'], found['minute'], found['second']);
  return Math.round((local - Math.floor(at / 1000) * 1000) / 60_000);
}

export function offsetText(minutes: number): string {
  const size = Math.abs(minutes);
  const rest = size % 60;
  return `UTC${minutes < 0 ? '−' : '+'}${Math.floor(size / 60)}${rest ? `:${String(rest).padStart(2, '0')}` : ''}`;
}

/** The instant at which a local date and time of day begins in a zone. */
export function instantOf(tz: string, date: string, time: string): number | null {
  const wall = Date.parse(`${date}T${time}:00Z`);
  if (Number.isNaN(wall)) return null;
  const first = offsetMinutes(tz, wall);
  if (first === null) return null;
  const second = offsetMinutes(tz, wall - first * 60_000) ?? first;
  return wall - second * 60_000;
}

/** Minutes by which the clocks of a zone are put forward (+) or back (−) in the course of a date; 0 on most. */
export function clockChange(tz: string, date: string): number {
  const start = instantOf(tz, date, '00:00');
  if (start === null) return 0;
  const end = instantOf(tz, new Date(Date.parse(`${date}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10), '00:00');
  if (end === null) return 0;
  return Math.round(24 * 60 - (end - start) / 60_000);
}

let names: string[] | null = null;

export function zoneNames(): string[] {
  names ??= [...new Set(['UTC', ...(typeof Intl.supportedValuesOf === 'function' ? Intl.supportedValuesOf('timeZone') : [])])];
  return names;
}
