import { cleanup, fireEvent, render, screen, within } from '@testing-library/svelte';
import { tick } from 'svelte';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { DryRun, Policy, RuleSet } from '../src/api/generated';
import { l10n } from '../src/lib/l10n.svelte';
import type { Desk } from '../src/state/desk.svelte';
import { gate, ScriptedHost } from './host';
import WithRules from './WithRules.svelte';

beforeEach(() => l10n.use('en'));
afterEach(cleanup);

const policy = (id: string, more: Partial<Policy> = {}): Policy => ({ id, name_zh: '', name_en: id, vip: null, priorities: [], accounts: [], customers: [], products: [], tags: [], calendar_id: 'c', visit_calendar_id: null, targets: [], pause_statuses: [], reopen: 'continue', thresholds: [{ kind: 'breach' }], ...more });
const set: RuleSet = {
  from: null, policies: [policy('Gold', { vip: true }), policy('Silver', { vip: false, priorities: ['urgent'] }), policy('Rest')],
  calendars: { c: { name_zh: '', name_en: 'Office', calendar: { tz: 'Europe/Berlin', hours: { mon: [['09:00', '12:00']] }, holidays: ['2026-12-25'], shifts: {}, breaks: {}, names: { '2026-12-25': 'Christmas' } } } },
};

const run: DryRun = { looked_at: 12, changed: 2, newly_breached: 1, no_longer_breached: 0, without_policy: 0, truncated: false, examples: [{ ticket_id: 7, remote_id: 'T-7', subject: 'Gateway down', priority: 'urgent', metric: 'resolution', old_policy: 'Gold', new_policy: 'Rest', old_deadline: 1_800_000_000_000, new_deadline: null, provisional: false }] };

async function shown(counted: Promise<DryRun> = Promise.resolve(run)): Promise<{ desk: Desk; host: ScriptedHost }> {
  const host = new ScriptedHost({
    rules_get: () => ({ sets: [set], current: 0, shipped: true }), rules_draft: () => null, rules_draft_put: () => null, rules_check: () => [],
    rules_dry_run: () => counted,
    rules_put: ({ set: saved }) => ({ sets: [set, saved], current: 1, shipped: false }), ticket_rows: () => ({ total: 0, generation: 1, rows: [] }), ticket_facets: () => Promise.reject(new Error('not here')),
    calendar_preview: ({ calendar, year, month }) => ({ problems: [], days: [{ date: `${year}-${String(month).padStart(2, '0')}-01`, kind: 'weekly', name: '', spans: calendar.hours.mon ?? [], open_ms: (calendar.hours.mon?.length ?? 0) * 3_600_000, provisional: false }] }),
  });
  let desk: Desk | undefined;
  render(WithRules, { host, ondesk: (made: Desk) => (desk = made) });
  await screen.findByTestId('policies');
  if (!desk) throw new Error('no desk');
  return { desk, host };
}
const order = (): string => [...screen.getByTestId('policies').querySelectorAll('b')].map((one) => one.textContent).join(' ');
const type = (field: HTMLElement, value: string): Promise<boolean> => fireEvent.input(field, { target: { value } });

describe('the overview', () => {
  test('puts policies in another order by buttons and by keys, says so, and keeps the focus on the one moved', async () => {
    const { desk } = await shown();
    await fireEvent.click(screen.getByRole('button', { name: 'Move Gold down' }));
    await vi.waitFor(() => expect(order()).toBe('Silver Gold Rest'));
    expect(document.activeElement).toBe(screen.getByRole('button', { name: 'Move Gold down' }));
    expect(screen.getByText('Gold: place 2 of 3')).toBeTruthy();
    const rest = screen.getByTestId('policy-2');
    await fireEvent.keyDown(rest, { key: 'ArrowUp', altKey: true });
    await vi.waitFor(() => expect(order()).toBe('Silver Rest Gold'));
    expect(document.activeElement).toBe(screen.getByTestId('policy-1'));
    expect(screen.getByText(/Never used: “Rest”/)).toBeTruthy();
    expect(desk.rules.dirty).toBe(true);
  });

  test('the first cannot go up, the last not down', async () => {
    await shown();
    expect([screen.getByRole('button', { name: 'Move Gold up' }), screen.getByRole('button', { name: 'Move Rest down' })].map((one) => (one as HTMLButtonElement).disabled)).toEqual([true, true]);
  });
});

describe('a policy', () => {
  test('says beside the field what is wrong, keeps it over a look elsewhere, and takes the focus to its heading', async () => {
    await shown();
    await fireEvent.click(screen.getByTestId('policy-0'));
    await vi.waitFor(() => expect(document.activeElement?.textContent).toBe('Gold'));
    const target = (): HTMLInputElement => screen.getByRole('textbox', { name: 'First response, Urgent' });
    await type(target(), '1h');
    await vi.waitFor(() => expect(target().getAttribute('aria-invalid')).toBe('true'));
    expect(document.getElementById(target().getAttribute('aria-describedby') ?? '')?.textContent).toContain('A whole number from 1 to 99999');
    await fireEvent.click(screen.getByTestId('rules-back'));
    expect(screen.getByTestId('rules-problems').textContent).toContain('1 problem');
    await fireEvent.click(screen.getByTestId('policy-0'));
    expect(target().value).toBe('1h');
  });

  test('taken out comes back where it was', async () => {
    const { desk } = await shown();
    await fireEvent.click(screen.getByTestId('policy-1'));
    await fireEvent.click(screen.getByTestId('policy-delete'));
    expect(order()).toBe('Gold Rest');
    desk.toasts.list.at(-1)?.action?.run();
    await tick();
    expect([order(), desk.rules.dirty]).toEqual(['Gold Silver Rest', false]);
  });
});

describe('a calendar', () => {
  test('takes intervals as typed, copies them, and previews each change', async () => {
    const { host } = await shown();
    await fireEvent.click(screen.getByTestId('calendar-c'));
    const monday = within(screen.getByTestId('hours-mon'));
    await fireEvent.click(monday.getByRole('button', { name: 'Add an interval to Monday' }));
    await vi.waitFor(() => expect(document.activeElement).toBe(monday.getByRole('textbox', { name: 'Monday, interval 2: from' })));
    const from = monday.getByRole<HTMLInputElement>('textbox', { name: 'Monday, interval 2: from' });
    await type(from, '1130');
    await fireEvent.blur(from);
    expect(from.value).toBe('11:30');
    expect(monday.getByText('It overlaps another interval.')).toBeTruthy();
    await type(from, '12:30');
    await fireEvent.click(screen.getByRole('button', { name: 'Copy to weekdays: the hours of Monday' }));
    expect(within(screen.getByTestId('hours-fri')).getAllByRole<HTMLInputElement>('textbox').map((one) => one.value)).toEqual(['09:00', '12:00', '12:30', '18:00']);
    await vi.waitFor(() => expect(host.calls.findLast((call) => call.name === 'calendar_preview')?.args).toMatchObject({ calendar: { hours: { fri: [['09:00', '12:00'], ['12:30', '18:00']] } } }));
    expect((screen.getByTestId('calendar-delete') as HTMLButtonElement).disabled).toBe(true);
  });
});

describe('saving', () => {
  test('shows what changes first, with the ticket to open, and offers the way back afterwards', async () => {
    const counting = gate<DryRun>();
    const { desk, host } = await shown(counting.promise);
    await fireEvent.click(screen.getByTestId('policy-2'));
    await type(screen.getByTestId('target-routine-visit'), '48');
    await fireEvent.click(screen.getByTestId('rules-review'));
    const save = (): HTMLButtonElement => screen.getByTestId('rules-save');
    await screen.findByText('Counting what would change…');
    expect(save().disabled).toBe(true);
    counting.open(run);
    await screen.findByTestId('dry-run');
    expect(screen.getByTestId('dry-run').textContent).toMatch(/12\s*Open tickets looked at.*1\s*Newly missed/s);
    expect(screen.getByText('Gold → Rest')).toBeTruthy();
    const opened = vi.spyOn(desk, 'openTicket').mockImplementation(() => undefined);
    await fireEvent.click(screen.getByRole('button', { name: 'Open Gateway down' }));
    expect(opened).toHaveBeenCalledWith(7);
    expect(host.named('rules_put')).toHaveLength(0);
    await fireEvent.click(save());
    await vi.waitFor(() => expect(desk.toasts.list.at(-1)?.text()).toBe('The rules are saved.'));
    expect(host.named('rules_put')).toMatchObject([{ from: null, backwards: false }]);
    desk.toasts.list.at(-1)?.action?.run();
    await tick();
    expect([desk.screen, desk.settingsSection, desk.rules.place.kind, desk.rules.draft?.policies[2]?.targets.routine.visit.text]).toEqual(['settings', 'rules', 'save', '']);
  });

  test('from a date that is over is refused in words, beside the date', async () => {
    await shown();
    await fireEvent.click(screen.getByTestId('policy-2'));
    await type(screen.getByTestId('target-routine-visit'), '48');
    await fireEvent.click(screen.getByTestId('rules-review'));
    await fireEvent.click(screen.getByTestId('save-date'));
    await type(screen.getByTestId('save-from-date'), '2020-01-01');
    await vi.waitFor(() => expect(screen.getAllByText(/This is in the past/).length).toBeGreaterThan(0));
    expect((screen.getByTestId('rules-save') as HTMLButtonElement).disabled).toBe(true);
  });
});
