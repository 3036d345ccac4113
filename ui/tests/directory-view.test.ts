import { cleanup, fireEvent, render, screen, within } from '@testing-library/svelte';
import type { Component } from 'svelte';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import CallBar from '../src/features/calls/CallBar.svelte';
import Centres from '../src/features/centres/Centres.svelte';
import { l10n } from '../src/lib/l10n.svelte';
import type { Desk } from '../src/state/desk.svelte';
import PhonesView from '../src/views/PhonesView.svelte';
import { answerOf, callRecord, centreEntry, directoryOf, lineEntry } from './directory';
import { ScriptedHost } from './host';
import WithDesk from './WithDesk.svelte';

beforeEach(() => l10n.use('en'));
afterEach(cleanup);

const standard = lineEntry('1:standard', { name_en: 'Standard service', number: '400-6455-566' });
const experts = lineEntry('1:experts', { tier: 2, name_en: 'Technical experts', number: '400-6455-577', checklist: [{ text_zh: '账号', text_en: 'Account details' }], ivr_path: [{ key: '2', label_zh: '服务器', label_en: 'Servers' }] });
const type = (field: HTMLElement, value: string): Promise<boolean> => fireEvent.input(field, { target: { value } });

type Answers = ConstructorParameters<typeof ScriptedHost>[0];

function shown(part: unknown, answers: Answers = {}): { desk: Desk; host: ScriptedHost } {
  const host = new ScriptedHost({
    directory: () => directoryOf([standard, experts]), directory_draft: () => null, directory_draft_put: () => null, rules_get: () => ({ sets: [], current: 0, shipped: true }), rules_draft: () => null,
    recommend: ({ facts }) => (facts?.outage ? { ...answerOf([experts, standard]), recommendations: answerOf([experts, standard]).recommendations.map((one, n) => ({ ...one, reasons: n === 0 ? [{ code: 'outage' as const, args: {} }] : [] })) } : answerOf([standard, experts])),
    calls: () => [], place_find: () => [], ...answers,
  });
  let desk: Desk | undefined;
  render(WithDesk, { host, of: part as Component<Record<string, unknown>>, ondesk: (made: Desk) => (desk = made) });
  if (!desk) throw new Error('no desk');
  return { desk, host };
}

const order = (): (string | undefined)[] => screen.getAllByTestId('line-row').map((row) => row.dataset['key']);

describe('phone lines', () => {
  test('stand in the order for what the call is about, the first with its reason', async () => {
    const { host } = shown(PhonesView);
    await vi.waitFor(() => expect(order()).toEqual(['1:standard', '1:experts']));
    await fireEvent.click(within(screen.getByTestId('call-facts')).getByLabelText('A service is down'));
    await vi.waitFor(() => expect(order()).toEqual(['1:experts', '1:standard']));
    await vi.waitFor(() => expect(screen.getByTestId('sheet-number').textContent).toBe('400-6455-577'));
    expect(host.named('recommend').length).toBe(2);
    expect(screen.getAllByTestId('line-reasons')[0]?.querySelector('[data-reason="outage"]')?.textContent).toMatch(/service is down/i);
    await fireEvent.click(screen.getByTestId('lines-order'));
    expect(screen.getAllByRole('heading', { level: 2 }).map((one) => one.textContent)).toEqual(expect.arrayContaining(['Standard', 'Technical experts']));
  });

  test('show number, keys to press and what to have at hand; ticks go with the call', async () => {
    const { host, desk } = shown(PhonesView, { call_start: ({ line_key, ticked }) => callRecord(5, { line_key, ticked }), dial: () => null });
    await fireEvent.click((await screen.findAllByTestId('line-row'))[1] as HTMLElement);
    expect(screen.getByTestId('sheet-number').textContent).toBe('400-6455-577');
    expect(screen.getByTestId('ivr-path').textContent).toContain('2');
    await fireEvent.click(within(screen.getByTestId('call-checklist')).getByRole('checkbox'));
    await fireEvent.click(screen.getByTestId('call-dial'));
    await vi.waitFor(() => expect(host.named('dial')).toEqual([{ number: '400-6455-577' }]));
    expect(host.named('call_start')).toEqual([{ ticket: null, line_key: '1:experts', ticked: ['Account details'] }]);
    expect(desk.calls.opened).toBe(5);
  });

  test('that cannot be dialled from here are no call yet: it is said why, beside the other ways, until one of them is taken', async () => {
    const { desk } = shown(PhonesView, { call_start: () => callRecord(5), dial: () => { throw { code: 'dialer_missing', args: {} }; } });
    await fireEvent.click(await screen.findByTestId('call-dial'));
    const note = await screen.findByTestId('call-undialled');
    expect(note.textContent).toMatch(/no program that dials.*nothing was dialled.*QR code/is);
    expect(desk.calls.running).toEqual([]);
    await fireEvent.click(screen.getByTestId('call-record'));
    await vi.waitFor(() => expect(desk.calls.running.map((one) => one.call.id)).toEqual([5]));
    expect(screen.queryByTestId('call-undialled')).toBeNull();
  });

  test('are edited with what is wrong beside the field', async () => {
    const { host } = shown(PhonesView, { line_check: ({ line }) => (/[a-z]/i.test(line.number) ? [{ field: 'number', code: 'phone_number_invalid', args: {} }] : []) });
    await fireEvent.click(await screen.findByTestId('entry-edit'));
    const field = screen.getByTestId('line-number');
    await type(field, '400-CALL-ME');
    await fireEvent.submit(screen.getByTestId('entry-editor'));
    await vi.waitFor(() => expect(field.getAttribute('aria-invalid')).toBe('true'));
    expect(document.getElementById(field.getAttribute('aria-describedby') ?? '')?.textContent).toContain('no phone number');
    expect(screen.getByTestId('editor-problems').textContent).toContain('1 thing');
    expect(host.named('line_put')).toEqual([]);
    await fireEvent.click(screen.getByTestId('editor-back'));
    await vi.waitFor(() => expect(screen.getAllByTestId('line-row')[0]?.textContent).toContain('unsaved'));
  });

  test('of a file with a wrong row cannot be taken in', async () => {
    shown(PhonesView, { directory_import_pick: () => ({ token: 't', kind: 'line', file_name: 'a.csv', added: 1, changed: 0, same: 0, refused: 1, rows: [{ line_number: 2, name: 'Night', what: 'added', problems: [] }, { line_number: 3, name: 'Desk', what: 'refused', problems: [{ field: 'number', code: 'phone_number_invalid', args: {} }] }] }) });
    await fireEvent.click(await screen.findByTestId('directory-import'));
    const listed = await screen.findAllByTestId('import-row');
    expect(listed[0]?.textContent).toMatch(/3.*Desk.*number.*no phone number/s);
    expect((screen.getByTestId('import-apply') as HTMLButtonElement).disabled).toBe(true);
  });
});

describe('a call under way', () => {
  test('shows its time, takes notes with Enter left to the text, and ends with its outcome', async () => {
    const { host, desk } = shown(CallBar, { calls: () => [callRecord(5, { started_at: Date.now() - 65_000, ticket: 7, ticket_remote_id: 'T-7' })], call_put: () => callRecord(5), call_end: () => callRecord(5, { ended_at: 1 }) });
    await desk.calls.load();
    expect((await screen.findByTestId('call-timer')).textContent).toMatch(/^1:0\d$/);
    await fireEvent.click(screen.getByTestId('call-panel-toggle'));
    await vi.waitFor(() => expect(document.activeElement).toBe(screen.getByTestId('call-note')));
    await type(screen.getByTestId('call-note'), 'agreed');
    await fireEvent.click(screen.getByLabelText('Left a message'));
    await fireEvent.click(screen.getByTestId('call-to-ticket'));
    await fireEvent.submit(screen.getByTestId('call-panel'));
    await vi.waitFor(() => expect(host.named('call_end')).toMatchObject([{ id: 5, outcome: 'voicemail', to_ticket: false }]));
    expect(host.named('call_put').at(-1)).toMatchObject({ note: 'agreed' });
  });
});

describe('centres', () => {
  const all = [
    centreEntry({ city_zh: '杭州', city_en: 'Hangzhou', latitude: 30.29, longitude: 120.16 }, { pinyin: 'hangzhou', initials: 'hz' }),
    centreEntry({ city_zh: '广州', city_en: 'Guangzhou', latitude: 23.12, longitude: 113.25 }, { pinyin: 'guangzhou', initials: 'gz' }),
    centreEntry({ city_zh: '北京', city_en: 'Beijing', latitude: 39.9, longitude: 116.4 }, { pinyin: 'beijing', initials: 'bj', open_days: [{ date: '2026-11-21', kind: 'shift', name: 'Make-up day', spans: [['09:00', '18:00']], open_ms: 1, provisional: false }] }),
  ];
  const dot = (): string => document.querySelector('[role="option"][aria-selected="true"]')?.getAttribute('aria-label') ?? '';

  test('go by keyboard on the map, and what is chosen is looked at', async () => {
    shown(Centres, { directory: () => directoryOf([], all) });
    const map = await screen.findByTestId('centre-map');
    await fireEvent.click(screen.getAllByTestId('centre-row')[2] as HTMLElement);
    expect(dot()).toBe('Hangzhou service centre');
    await fireEvent.keyDown(map, { key: 'ArrowUp' });
    expect(dot()).toBe('Beijing service centre');
    expect(screen.getByTestId('open-days').querySelector('li')?.title).toContain('Make-up day');
    const scale = Number(map.dataset['scale']);
    await fireEvent.keyDown(map, { key: '+' });
    expect(Number(map.dataset['scale'])).toBeGreaterThan(scale);
    await fireEvent.keyDown(map, { key: '0' });
    expect(Number(map.dataset['scale'])).toBe(scale);
  });

  test('are booked at: on the open ticket, else the wizard asks which', async () => {
    const { desk } = shown(Centres, { directory: () => directoryOf([], all) });
    const booked = vi.spyOn(desk, 'bookVisit').mockImplementation(() => undefined);
    await fireEvent.click((await screen.findAllByTestId('centre-row'))[0] as HTMLElement);
    await fireEvent.click(screen.getByTestId('centre-book'));
    expect(booked).toHaveBeenCalledWith(null, { centre: '' });
  });

  test('that match nothing say so, with the way out', async () => {
    shown(Centres, { directory: () => directoryOf([], all) });
    await type(await screen.findByTestId('centre-query'), 'nowhere');
    await fireEvent.click(await screen.findByTestId('centres-clear'));
    expect(screen.getAllByTestId('centre-row')).toHaveLength(3);
  });
});
