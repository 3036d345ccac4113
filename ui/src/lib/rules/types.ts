// What the rule editors exchange with the core.
import type { Metric, Priority } from '../../api/generated';

export type Span = [string, string];
export const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export type Day = (typeof DAYS)[number];
export const PRIORITIES: readonly Priority[] = ['urgent', 'important', 'routine'];
export const METRICS: readonly Metric[] = ['first_response', 'next_response', 'first_resolution', 'resolution', 'visit'];
