// Entries and calls for tests.
import { emptyCentre, emptyLine } from '../src/lib/directory/draft';
import type { Call, CentreEntry, Directory, LineEntry, PhoneLine, Recommended, ServiceCentre } from '../src/api/generated';
import type { EntryBase } from '../src/lib/directory/types';
import { noFacts } from '../src/state/calls.svelte';

const base = (key: string): EntryBase => ({ key, origin: 'provider', account: 1, hidden: false, stale: false, provider_changed: false, provider_gone: false, conflicts: [], opening: 'open', opens_at: null, closes_at: null, problems: [] });

export const lineEntry = (key: string, line: Partial<PhoneLine> = {}, more: Partial<EntryBase> = {}): LineEntry => ({
  ...base(key), provider: null, line: { ...emptyLine('2026-11-01'), name_en: key, name_zh: key, number: '400-1', hours: '7x24', source: 'contract', ...line }, ...more,
});

export const centreEntry = (centre: Partial<ServiceCentre>, more: Partial<CentreEntry> = {}): CentreEntry => ({
  ...base(`1:${centre.city_en ?? 'city'}`), provider: null, pinyin: '', initials: '', open_days: [], centre: { ...emptyCentre('2026-11-01'), source: 'x', hours: '7x24', latitude: 30, longitude: 120, ...centre }, ...more,
});

export const directoryOf = (lines: LineEntry[], centres: CentreEntry[] = []): Directory => ({ lines, centres, stale: 0, attribution: 'GeoNames' });

export const answerOf = (entries: LineEntry[], more: Partial<Recommended> = {}): Recommended => ({
  recommendations: entries.map((entry) => ({ entry, reasons: [{ code: 'standard', args: {} }], fits: true, open: 'open', opens_at: null })), facts: noFacts(), sheet: null, ...more,
});

export const callRecord = (id: number, more: Partial<Call> = {}): Call => ({ id, ticket: null, ticket_remote_id: '', line_key: 'a', line_name: 'Experts', number: '400-1', started_at: 0, ended_at: null, outcome: null, agent: '', case_number: '', note: '', ticked: [], operation: null, ...more });
