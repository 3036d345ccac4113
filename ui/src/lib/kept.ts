// Reading what a form kept as JSON: whatever is not as expected is as if it were not there.
export const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);

/** A text, or what it was without it. */
export const textOf = (kept: Record<string, unknown>, name: string, otherwise: string): string => (typeof kept[name] === 'string' ? kept[name] : otherwise);

export function listOf<T>(kept: Record<string, unknown>, name: string, otherwise: T[], read: (one: Record<string, unknown>) => T): T[] {
  const list = kept[name];
  return Array.isArray(list) ? list.filter(isObject).map(read) : otherwise;
}

export const partOf = (kept: Record<string, unknown>, name: string): Record<string, unknown> => (isObject(kept[name]) ? kept[name] : {});
