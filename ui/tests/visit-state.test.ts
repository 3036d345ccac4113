// The states behind the visits' screens: what is asked for when, what is kept, what is sent once.
import { describe, expect, test, vi } from 'vitest';
import type { CentreEntry, CheckItem, CommandMap, VisitSlots } from '../src/api/generated';
import { typedMoment } from '../src/lib/typed-moment';
import { VisitAside } from '../src/state/visit-aside';
import { VisitDrafts } from '../src/state/visit-drafts';
import { VisitWizardState } from '../src/state/visit-wizard.svelte';
import { VisitWork } from '../src/state/visit-work.svelte';
import { VisitsState } from '../src/state/visits.svelte';
import { gate, ScriptedHost } from './host';
import { ticketDetail, ticketRow } from './tickets';
import { at, centre, HOUR, slot, view } from './visits';

type Answers = ConstructorParameters<typeof ScriptedHost>[0];
const entry = (remote_id = 'hangzhou', account: number | null = 1): CentreEntry => ({ key: `1:${remote_id}`, origin: 'provider', account, hidden: false, stale: false, provider_changed: false, provider_gone: false, conflicts: [], opening: 'open', opens_at: null, closes_at: null, problems: [], centre: centre({ remote_id }), provider: null, pinyin: remote_id, initials: '', open_days: [] });
const found = (source: VisitSlots['source'] = 'server', slots = [slot(at(1, 13))]): VisitSlots => ({ centres: [{ centre: centre(), km: 12, answer: { slots, why_none: [], truncated: false } }], source, as_of: null });

/** A core that keeps a draft, as the real one does. */
function host(answers: Answers = {}): ScriptedHost & { draft: string | null } {
  const made: ScriptedHost & { draft: string | null } = Object.assign(new ScriptedHost({
    visits: () => ({ visits: [view('v1')], as_of: at(0, 8) }), visit_get: ({ key }) => view(key), visits_of_ticket: () => [], visit_slots: () => found(), directory: () => ({ lines: [], centres: [entry(), entry('shanghai')], stale: 0, attribution: '' }), ticket_rows: () => ({ total: 1, generation: 1, rows: [ticketRow(1)] }),
    calendar_preview: () => ({ days: [{ date: '2026-11-23', kind: 'weekly' as const, name: '', spans: [['09:00', '12:00'], ['13:00', '18:00']] as [string, string][], open_ms: 8 * HOUR, provisional: false }], problems: [] }),
    ticket_get: () => ticketDetail(), visit_sites: () => [], visit_check: () => [], visit_draft: () => made.draft, visit_draft_put: ({ draft }) => ((made.draft = draft), null), visit_request: () => 'key-1', visit_change: () => 7, ...answers,
  }), { draft: null as string | null });
  return made;
}
const calls = <K extends keyof CommandMap>(from: ScriptedHost, name: K): CommandMap[K]['args'][] => from.named(name) as CommandMap[K]['args'][];
async function settle(ms = 0): Promise<void> {
  await vi.advanceTimersByTimeAsync(ms);
}
const begin = (now: number): void => void vi.useFakeTimers({ now });

describe('the calendar', () => {
  test('shows the centre with most visits, its hours, and what is free there from now on', async () => {
    begin(at(0, 8));
    const core = host();
    const visits = new VisitsState(core);
    await visits.look(at(0, 8));
    expect([visits.centre, visits.date, visits.zone, visits.shown.length]).toEqual(['1:hangzhou', '2026-11-23', 'Asia/Shanghai', 1]);
    expect(visits.openHours.get('2026-11-23')).toEqual([{ from: 540, to: 720 }, { from: 780, to: 1080 }]);
    const [asked] = calls(core, 'visit_slots').slice(-1);
    expect([asked?.from, asked?.to, asked?.centre, asked?.service]).toEqual([at(0, 8), at(7, 0), 'hangzhou', 'hardware_inspection']);
    expect(visits.freeSlots).toHaveLength(1);
  });

  test('that somebody chose while it loaded stays as it was chosen', async () => {
    begin(at(0, 8));
    for (const centre of ['1:shanghai', '']) {
      const visits = new VisitsState(host());
      const looking = visits.look(at(0, 8));
      await visits.choose(centre);
      await looking;
      expect(visits.centre).toBe(centre);
    }
  });

  test('begins on a weekend with the week ahead, unless somebody still goes', async () => {
    begin(at(-2, 20));
    const quiet = new VisitsState(host({ visits: () => ({ visits: [], as_of: null }) }));
    await quiet.look(at(-2, 20));
    expect(quiet.date).toBe('2026-11-23');
    const sunday = view('s', { visit: { slot: slot(at(-1, 10)) } });
    const busy = new VisitsState(host({ visits: () => ({ visits: [sunday], as_of: null }) }));
    await busy.look(at(-2, 20));
    expect(busy.date).toBe(typedMoment(at(-2, 20)).date);
  });

  test('asks for no slots in weeks that are over, of shipped centres, or in the list', async () => {
    begin(at(0, 8));
    const core = host();
    const visits = new VisitsState(core);
    await visits.look(at(0, 8));
    const before = calls(core, 'visit_slots').length;
    await visits.go(-1);
    expect([visits.date, visits.slots, calls(core, 'visit_slots').length]).toEqual(['2026-11-16', null, before]);
    await visits.show('2026-11-23', 'list');
    expect(calls(core, 'visit_slots').length).toBe(before);
    const [listed] = calls(core, 'visits').slice(-1);
    expect([listed?.from, listed?.to]).toEqual([at(-14, 0), at(60, 0)]);
  });

  test('a slower answer for a week that was left is not shown', async () => {
    begin(at(0, 8));
    const slow = gate<CommandMap['visits']['result']>();
    const visits = new VisitsState(host({ visits: ({ from }) => (from === at(7, 0) ? slow.promise : { visits: [view(`from ${from}`)], as_of: null }) }));
    await visits.look(at(0, 8));
    const late = visits.show('2026-11-30');
    await visits.show('2026-12-07');
    slow.open({ visits: [view('late')], as_of: null });
    await late;
    expect(visits.visits.map((one) => one.key)).toEqual([`from ${at(14, 0)}`]);
  });

  test('what fails is said and the calendar keeps what it shows', async () => {
    begin(at(0, 8));
    let broken = false;
    const visits = new VisitsState(host({ visits: () => (broken ? Promise.reject({ code: 'storage', args: {} }) : { visits: [view('v1')], as_of: null }) }));
    await visits.look(at(0, 8));
    broken = true;
    await visits.load();
    expect([visits.error?.code, visits.visits.length]).toEqual(['storage', 1]);
  });

  test('a visit that was taken back closes its page', async () => {
    begin(at(0, 8));
    let gone = false;
    const visits = new VisitsState(host({ visits: () => ({ visits: [], as_of: null }), visit_get: ({ key }) => (gone ? Promise.reject({ code: 'visit_unknown', args: {} }) : view(key)) }));
    await visits.look(at(0, 8));
    await visits.openVisit('k');
    expect(visits.open?.key).toBe('k');
    gone = true;
    await visits.load();
    expect([visits.open, visits.opened, visits.error]).toEqual([null, null, null]);
  });

  test('a visit of a server without centres goes by the shipped one of its city', async () => {
    begin(at(0, 8));
    const carried = view('c', { account: 2 });
    const visits = new VisitsState(host({ visits: () => ({ visits: [carried], as_of: null }), directory: () => ({ lines: [], centres: [entry('hangzhou', null)], stale: 0, attribution: '' }) }));
    await visits.look(at(0, 8));
    expect([visits.centre, visits.shown.map((one) => one.key)]).toEqual(['0:hangzhou', ['c']]);
  });

  test('a refusal is told once, wherever the person is', async () => {
    begin(at(0, 8));
    const refusal = { code: 'slot_taken' as const, detail: '', args: {}, reasons: [], alternatives: [slot(at(1, 13))] };
    let refused = false;
    const visits = new VisitsState(host({ visits: () => ({ visits: [view('v1', { refusal: refused ? refusal : null })], as_of: null }) }));
    const told: string[] = [];
    visits.onrefused = (one) => told.push(one.key);
    await visits.loadAhead();
    refused = true;
    visits.changed();
    await settle(2000);
    visits.changed();
    await settle(2000);
    expect([told, visits.ahead]).toEqual([['v1'], 1]);
  });

  test('an alternative asks again under the same key; of one that the server has, it is a move', async () => {
    const core = host();
    const visits = new VisitsState(core);
    const refusal = { code: 'slot_taken' as const, detail: '', args: {}, reasons: [], alternatives: [] };
    await visits.takeAlternative(view('k', { refusal, visit: { version: '' } }), slot(at(1, 13), { centre_id: 'shanghai' }));
    expect(calls(core, 'visit_request')[0]).toMatchObject({ id: 1, key: 'k', request: { centre: 'shanghai' }, booking: { start: at(1, 13) } });
    await visits.takeAlternative(view('k', { refusal }), slot(at(1, 13)));
    expect(calls(core, 'visit_change')[0]).toMatchObject({ key: 'k', change: { action: 'reschedule', centre_id: 'hangzhou', start: at(1, 13) } });
    await visits.joinWaitlist(view('k', { refusal, visit: { version: '' } }));
    expect(calls(core, 'visit_request')[1]).toMatchObject({ key: 'k', booking: { start: null, waitlist: true } });
    visits.leave();
  });

  test('a visit past its cut-off is not taken up, and says so; one in time gets its own slots', async () => {
    begin(at(0, 8));
    const core = host();
    const visits = new VisitsState(core);
    await visits.look(at(0, 8));
    expect([await visits.pickUp(view('late', { can: ['edit'] })), visits.move.stays?.key, visits.move.view]).toEqual([false, 'late', null]);
    expect([await visits.pickUp(view('v1')), visits.move.view?.key, visits.move.slots.length, visits.move.stays]).toEqual([true, 'v1', 1, null]);
    const [asked] = calls(core, 'visit_slots').slice(-1);
    expect([asked?.site?.name, asked?.centre]).toEqual(['Room B', 'hangzhou']);
    await visits.go(1);
    expect(calls(core, 'visit_slots').at(-1)?.from).toBe(at(7, 0));
    visits.leave();
    expect(visits.move.view).toBeNull();
  });
});

describe('moving a visit', () => {
  const span = { from: at(0, 0), to: at(7, 0) };

  test('its reason is kept as it is typed, per visit, and goes with the move', async () => {
    begin(at(-2, 8));
    const core = host();
    const { move } = new VisitsState(core);
    await move.start(view('v1'), span);
    move.reason = '客户机房停电';
    await settle(1000);
    expect(core.draft).toContain('客户机房停电');
    await move.start(view('v2'), span);
    await settle();
    expect(move.reason).toBe('');
    const again = new VisitsState(core).move;
    await again.start(view('v1'), span);
    await settle();
    expect(again.reason).toBe('客户机房停电');
    again.done();
    await settle(1000);
    expect([core.draft, again.reason, again.view]).toEqual([null, '', null]);
  });

  test('what is typed while the kept reason is still read stays', async () => {
    begin(at(-2, 8));
    const slow = gate<string | null>();
    const { move } = new VisitsState(host({ visit_draft: () => slow.promise }));
    await move.start(view('v1'), span);
    move.reason = '新';
    slow.open(JSON.stringify({ 'move v1': { reason: '旧' } }));
    await settle();
    expect(move.reason).toBe('新');
  });

  test('an answer settled by hand is kept until it is sent or given up', async () => {
    begin(at(-2, 8));
    const core = host();
    const first = new VisitAside('settle', new VisitDrafts(core));
    first.put(view('v1'), { answer: 'declined', engineer: '李' });
    first.put(view('v2'), { answer: 'confirmed' });
    await settle(1000);
    const second = new VisitAside('settle', new VisitDrafts(core));
    expect(await second.read(view('v1'))).toEqual({ answer: 'declined', engineer: '李' });
    second.put(view('v1'), null);
    await settle();
    expect([await second.read(view('v1')), await second.read(view('v2'))]).toEqual([null, { answer: 'confirmed' }]);
  });
});

describe('the form of a request', () => {
  const wizard = (core: ScriptedHost): VisitWizardState => new VisitWizardState(core, new VisitDrafts(core), () => at(0, 8));

  test('is filled with the last site of the customer', async () => {
    begin(at(0, 8));
    const form = wizard(host({ visit_sites: () => [{ site: { name: 'Room B', address: '1 Road', city: '杭州', latitude: 30.2, longitude: 120.2, country: 'CN' }, contact: { name: '周启明', role: '', phone: '138', email: '' }, asset: 'SRV-1' }] }));
    await form.show(1);
    expect([form.step, form.wish.site.name, form.wish.coordinates, form.wish.contact.phone, form.wish.asset]).toEqual(['site', 'Room B', '30.2000, 120.2000', '138', 'SRV-1']);
  });

  test('what is typed is kept while it is typed, and comes back', async () => {
    begin(at(0, 8));
    const core = host();
    const form = wizard(core);
    await form.show(1);
    form.touched({ asset: 'SRV-7' });
    expect(form.save).toBe('dirty');
    await settle(1000);
    expect([form.save, JSON.parse(core.draft ?? '{}').wish.asset]).toEqual(['saved', 'SRV-7']);
    const again = wizard(core);
    await again.show(1);
    expect([again.wish.asset, again.save]).toEqual(['SRV-7', 'saved']);
    again.clear();
    await settle(1000);
    expect([again.wish.asset, core.draft]).toEqual(['', null]);
  });

  test('goes on when everything before is right, and marks what is not', async () => {
    begin(at(0, 8));
    let wrong = true;
    const form = wizard(host({ visit_check: () => (wrong ? [{ field: 'contact.name', code: 'value_missing', args: {} }] : []) }));
    await form.show(1);
    expect(form.of('contact.name')).toBeNull();
    expect([await form.goTo('confirm'), form.step, form.of('contact.name')?.code]).toEqual([false, 'site', 'value_missing']);
    wrong = false;
    expect([await form.goTo('time'), form.step, form.slots?.source]).toEqual([true, 'time', 'server']);
    form.touched({ coordinates: 'nowhere' });
    expect([await form.goTo('site'), form.step]).toEqual([true, 'site']);
    expect([await form.goTo('time'), form.step]).toEqual([false, 'site']);
    form.touched({ coordinates: '' });
    await form.goTo('time');
    form.touched({ to: { date: '2026-13-40', time: '09:00' } });
    expect([await form.goTo('confirm'), form.step]).toEqual([false, 'time']);
  });

  test('a slot that the window leaves is given back', async () => {
    begin(at(0, 8));
    const form = wizard(host());
    await form.show(1);
    await form.goTo('time');
    form.chooseSlot(slot(at(1, 13)));
    expect([form.wish.centre, form.slot?.start]).toEqual(['hangzhou', at(1, 13)]);
    form.touched({ asset: 'x' });
    expect(form.wish.start).toBe(at(1, 13));
    form.touched({ to: typedMoment(at(1, 12)) });
    expect(form.wish.start).toBeNull();
  });

  test('opened from a free slot asks for that one', async () => {
    begin(at(0, 8));
    const form = wizard(host());
    await form.show(null, { service: 'security_hardening', slot: slot(at(1, 13)) });
    expect(form.step).toBe('ticket');
    await form.pick(1);
    expect([form.step, form.wish.service, form.wish.centre, form.wish.start]).toEqual(['site', 'security_hardening', 'hangzhou', at(1, 13)]);
  });

  test('opened from one centre that turns out too far is given to any other, whichever ticket it is for', async () => {
    begin(at(0, 8));
    const form = wizard(host());
    await form.show(null, { service: 'security_hardening', centre: 'urumqi' });
    expect([form.wish.centre, form.wish.service]).toEqual(['urumqi', 'security_hardening']);
    form.anyCentre();
    await form.pick(1);
    expect([form.wish.centre, form.wish.start, form.wish.service]).toEqual(['', null, 'security_hardening']);
  });

  test('is sent once however often it is pressed; what failed stays in the form', async () => {
    begin(at(0, 8));
    let fail = true;
    const core = host({ visit_request: () => (fail ? Promise.reject({ code: 'disk_full', args: {} }) : 'key-1') });
    const form = wizard(core);
    await form.show(1);
    form.touched({ asset: 'SRV-9' });
    const [first, second] = await Promise.all([form.send(), form.send()]);
    expect([first, second, form.error?.code, form.open, form.wish.asset, calls(core, 'visit_request').length]).toEqual([null, null, 'disk_full', true, 'SRV-9', 1]);
    fail = false;
    expect([await form.send(), form.open]).toEqual(['key-1', false]);
    const [before, after] = calls(core, 'visit_request');
    expect(after?.marker).toBe(before?.marker);
    await settle(1000);
    expect(core.draft).toBeNull();
  });
});

describe('the report', () => {
  const report = (core: ScriptedHost): VisitWork => new VisitWork(new VisitsState(core), new VisitDrafts(core));
  const line = (done: boolean): CheckItem => ({ text: 'power', done, finding: '' });

  test('half written comes back after a restart, beside a request half filled', async () => {
    begin(at(0, 9));
    const core = host();
    core.draft = JSON.stringify({ step: 'site', wish: { asset: 'mine' } });
    const work = report(core);
    await work.show(view('v1'));
    work.words.findings = 'fan 2 is slow';
    work.touched();
    await settle(1000);
    expect([work.save, JSON.parse(core.draft ?? '{}').wish]).toEqual(['saved', { asset: 'mine' }]);
    const again = report(core);
    await again.show(view('v1'));
    expect([again.words.findings, again.dirty]).toEqual(['fan 2 is slow', true]);
  });

  test('news of the server does not write over what is typed', async () => {
    begin(at(0, 9));
    const work = report(host());
    await work.show(view('v1'));
    await work.show(view('v1', { visit: { checklist: [line(true)] } }));
    expect(work.words.checklist[0]?.done).toBe(true);
    work.words.findings = 'mine';
    await work.show(view('v1', { visit: { findings: 'theirs', checklist: [line(true)] } }));
    expect(work.words.findings).toBe('mine');
    // Another visit has its own words.
    await work.show(view('v2', { visit: { findings: 'of v2' } }));
    expect(work.words.findings).toBe('of v2');
  });

  test('completing sends everything at once, signed with the time of it', async () => {
    begin(at(0, 11));
    const core = host();
    const work = report(core);
    await work.show(view('v1'));
    if (work.words.checklist[0]) work.words.checklist[0].done = true;
    Object.assign(work.words, { findings: 'done', name: ' 周启明 ', drawing: 'M1 2L3 4' });
    work.touched();
    expect(await work.send(true)).toBe(7);
    expect(calls(core, 'visit_change')[0]).toMatchObject({ key: 'v1', change: { action: 'complete', findings: 'done', checklist: [line(true)], sign_off: { name: '周启明', at: at(0, 11), drawing: 'M1 2L3 4' } } });
    expect([work.dirty, core.draft]).toEqual([false, null]);
  });

  test('words alone are no action, and an old signature keeps its time', async () => {
    begin(at(0, 12));
    const core = host();
    const work = report(core);
    const sign_off = { name: '周启明', at: at(0, 11), drawing: null };
    await work.show(view('v1', { visit: { state: 'done', sign_off } }));
    work.words.findings = 'and one thing more';
    await work.send(false);
    const { change } = calls(core, 'visit_change')[0] ?? {};
    expect([change?.action, change?.sign_off, change?.findings]).toEqual([undefined, sign_off, 'and one thing more']);
  });
});
