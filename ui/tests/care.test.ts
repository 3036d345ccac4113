import { describe, expect, it, test, vi } from 'vitest';
import type { CustomerCard, Person } from '../src/api/generated';
import { actingWords, deputised } from '../src/lib/care';
import { isJoinUrl, joinParts } from '../src/lib/join';
import { l10n } from '../src/lib/l10n.svelte';
import { absentNext, absentNow, lastMoment } from '../src/lib/people';
import { readMoment, typedMoment } from '../src/lib/typed-moment';
import { CustomersState } from '../src/state/customers.svelte';
import { HandoverState } from '../src/state/handover.svelte';
import { PeopleState } from '../src/state/people.svelte';
import { CareDrafts } from '../src/state/care-drafts';
import { gate, ScriptedHost, there } from './host';

const DAY = 86_400_000;
const person = (more: Partial<Person> = {}): Person => ({ id: 7, name: '林夏', role: '服务经理', phone: '', email: '', im: '', languages: ['zh-CN'], note: '', absences: [], ...more });
const card = (more: Partial<CustomerCard> = {}): CustomerCard => ({
  account: 1, account_name: 'hub', remote_id: 'c1', name: '华东支付', vip: true, city: '杭州', languages: [], manager: '林夏', deputy: '陈默', provider_manager: '林夏', provider_deputy: '陈默', overridden: false,
  acting: '林夏', acting_why: 'manager', acting_until: null, acting_person: null, tickets: 3, open_tickets: 1, breached: 0, next_deadline: null, ...more,
});

describe('a moment as typed', () => {
  it('is read in every usual way, and says which half is wrong', () => {
    const noon = new Date(2026, 10, 26, 12, 0).getTime();
    for (const [date, time] of [['2026-11-26', '12:00'], ['2026/11/26', '1200'], ['20261126', '12：00'], ['2026年11月26日', '12']] as const) expect(readMoment({ date, time }).at).toBe(noon);
    expect(readMoment(typedMoment(noon))).toEqual({ at: noon, fault: null });
    expect(readMoment({ date: '2026-02-30', time: '12:00' }).fault).toBe('date');
    expect(readMoment({ date: '', time: '12:00' }).fault).toBe('date');
    expect(readMoment({ date: '2026-11-26', time: '25:00' }).fault).toBe('time');
  });
});

describe('absences', () => {
  const away = { from: 100, to: 200, deputy: '陈默', note: '' };
  const later = { from: 500, to: 600, deputy: '', note: '' };

  it('hold from their beginning until before their end', () => {
    const one = person({ absences: [later, away] });
    expect([99, 100, 199, 200].map((at) => absentNow(one, at)?.deputy ?? null)).toEqual([null, '陈默', '陈默', null]);
    expect(absentNext(one, 150)).toEqual(later);
    expect(absentNext(one, 50)).toEqual(away);
    expect(absentNext(one, 500)).toBeNull();
  });

  it('that end at midnight are said by their last day', () => {
    const midnight = new Date(2026, 10, 25).getTime();
    expect(lastMoment(midnight).wholeDay).toBe(true);
    expect(new Date(lastMoment(midnight).at).getDate()).toBe(24);
    expect(lastMoment(midnight + 60_000)).toEqual({ at: midnight + 60_000, wholeDay: false });
  });
});

describe('who acts', () => {
  it('is said with the reason, in both languages, and not at all while the manager is there', () => {
    const now = new Date(2026, 10, 21, 12).getTime();
    const until = new Date(2026, 10, 25).getTime();
    expect(actingWords(card(), now)).toBe('');
    expect(deputised(card())).toBe(false);
    const away = card({ acting: '陈默', acting_why: 'customer_deputy', acting_until: until });
    expect(deputised(away)).toBe(true);
    l10n.language = 'zh-CN';
    expect(actingWords(away, now)).toMatch(/^林夏 缺勤至 .*24.*，由客户的副经理 陈默 代理。$/);
    l10n.language = 'en';
    expect(actingWords(away, now)).toMatch(/^林夏 is away through .*24.*; 陈默 acts as this customer’s deputy\.$/);
    for (const why of ['absence_deputy', 'further_deputy', 'no_manager', 'nobody_there', 'unknown'] as const) expect(actingWords(card({ acting_why: why }), now)).not.toMatch(/acting-why|\$|undefined/);
  });
});

test('only https links without tricks can be joined', () => {
  for (const good of ['https://meeting.example.com/j/88?pwd=a', ' https://a.example ']) expect(isJoinUrl(good)).toBe(true);
  for (const bad of ['', 'http://a.example', 'javascript:alert(1)', 'https://user@a.example/', 'https://a.example/ x', 'https://a.example/\u202egpj', 'https://', 'meeting.example.com']) expect([bad, isJoinUrl(bad)]).toEqual([bad, false]);
  expect(joinParts('https://xn--fiq228c.example/')?.plain).toBe(false);
  expect(joinParts('https://会议.example/')).toMatchObject({ plain: false, href: expect.stringMatching(/^https:\/\/xn--/) });
});

describe('people', () => {
  it('are checked as typed, kept when nothing is wrong, and stay in the form when refused', async () => {
    const host = new ScriptedHost({
      people: () => [person()], person_check: ({ person: one }) => (one.email.includes('@') || one.email === '' ? [] : [{ field: 'email', code: 'mail_address_invalid', args: { address: one.email } }]), person_put: ({ person: one }) => ({ ...one, id: one.id || 9 }),
    });
    const people = new PeopleState(host, new CareDrafts(host));
    await people.load();
    people.write(person());
    const { form } = people;
    there(form).email = 'nobody';
    expect(await people.keep()).toBeNull();
    expect(there(form).at('email').map((one) => one.code)).toEqual(['mail_address_invalid']);
    expect([people.open, people.form === form, host.named('person_put')]).toEqual([true, true, []]);
    there(form).email = 'lin@example.cn';
    expect((await people.keep())?.email).toBe('lin@example.cn');
    expect([people.open, people.form]).toEqual([false, null]);
  });

  it('keep what was typed when the dialog is closed and opened again, for the same person only', () => {
    const people = new PeopleState(new ScriptedHost({}), new CareDrafts(new ScriptedHost({})));
    people.write(person());
    there(people.form).phone = '138';
    people.open = false;
    people.write(person());
    expect(there(people.form).phone).toBe('138');
    people.write(person({ id: 8, name: '陈默' }));
    expect(there(people.form).phone).toBe('');
  });

  it('send absences as instants, and nothing while one cannot be read', async () => {
    const host = new ScriptedHost({ people: () => [], person_check: () => [], person_put: ({ person: one }) => one });
    const people = new PeopleState(host, new CareDrafts(host));
    people.write(null);
    there(people.form).name = '林夏';
    there(people.form).addAbsence(new Date(2026, 10, 21, 15).getTime(), '陈默');
    there(there(people.form).absences[0]).to = { date: '2026-11-3x', time: '00:00' };
    expect(await people.keep()).toBeNull();
    expect(host.named('person_put')).toEqual([]);
    there(there(people.form).absences[0]).to = { date: '2026-11-25', time: '00:00' };
    await people.keep();
    expect(host.named('person_put')).toEqual([{ person: expect.objectContaining({ absences: [{ from: new Date(2026, 10, 22).getTime(), to: new Date(2026, 10, 25).getTime(), deputy: '陈默', note: '' }] }) }]);
  });

  it('that were removed come back as they were', async () => {
    const host = new ScriptedHost({ people: () => [], person_remove: () => null, person_put: ({ person: one }) => one });
    const people = new PeopleState(host, new CareDrafts(host));
    const one = person({ phone: '138' });
    await people.remove(one);
    await people.restore(one);
    expect(host.named('person_put')).toEqual([{ person: { ...one, id: 0 } }]);
  });
});

describe('customers', () => {
  it('show the newest search only', async () => {
    const slow = gate<CustomerCard[]>();
    const host = new ScriptedHost({ customers: ({ query }) => (query === 'a' ? slow.promise : [card({ name: query })]) });
    const customers = new CustomersState(host);
    customers.query = 'a';
    const first = customers.load();
    customers.query = 'ab';
    await customers.load();
    slow.open([card({ name: 'old' })]);
    await first;
    expect(customers.cards?.map((one) => one.name)).toEqual(['ab']);
  });

  it('keep a change of manager and deputy that was refused, as typed', async () => {
    let refuse = true;
    const host = new ScriptedHost({
      customers: () => [card()], customer_get: () => ({ card: card(), manager: null, deputy: null, tickets: [], tickets_more: 0, visits: [], calls: [] }),
      care_put: ({ manager, deputy }) => {
        if (refuse) throw { code: 'deputy_is_self', args: {} };
        return card({ manager, deputy, overridden: true });
      },
    });
    const customers = new CustomersState(host);
    await customers.load();
    await customers.open(card());
    customers.beginCare(card());
    there(customers.care).manager = '陈默';
    await expect(customers.keepCare(card())).rejects.toMatchObject({ code: 'deputy_is_self' });
    expect(customers.care).toMatchObject({ manager: '陈默', deputy: '陈默' });
    refuse = false;
    there(customers.care).deputy = '';
    await customers.keepCare(card());
    expect([customers.care, customers.cards?.[0]?.manager]).toEqual([null, '陈默']);
    expect(host.named('care_put').at(-1)).toEqual({ account: 1, remote_id: 'c1', manager: '陈默', deputy: '' });
  });
});

describe('the handover brief', () => {
  const brief = { title: '交接简报', made_at: 0, from: 0, to: 1, tz: 'UTC', people: [], customers: [], quiet: 0, more: 0 };

  it('is asked for by manager or by customer, never by both, and says when it is of other choices', async () => {
    const host = new ScriptedHost({ handover: () => brief, handover_pdf: () => '/x.pdf' });
    const handover = new HandoverState(host);
    handover.manager = '林夏';
    await handover.make();
    expect(host.named('handover')).toEqual([expect.objectContaining({ manager: '林夏', account: null, customer: null })]);
    expect(handover.outdated).toBe(false);
    handover.customer = { account: 2, remote_id: 'c1', name: '华东支付' };
    expect(handover.outdated).toBe(true);
    expect(await handover.save()).toBe('/x.pdf');
    expect(host.named('handover_pdf')).toEqual([expect.objectContaining({ manager: null, account: 2, customer: 'c1' })]);
  });

  it('is not asked for a time that ends before it begins', async () => {
    const host = new ScriptedHost({});
    const handover = new HandoverState(host);
    handover.to = typedMoment(there(readMoment(handover.from).at) - DAY);
    expect(handover.reversed).toBe(true);
    await handover.make();
    expect(await handover.save()).toBeNull();
    expect(host.calls).toEqual([]);
  });
});

describe('what is half written', () => {
  it('is kept by the core while it is typed, comes back after a restart, and goes when it is given up', async () => {
    vi.useFakeTimers();
    try {
      let stored: string | null = null;
      const host = new ScriptedHost({ care_draft: () => stored, care_draft_put: ({ draft }) => { stored = draft; return null; }, person_check: () => [] });
      const people = new PeopleState(host, new CareDrafts(host));
      people.write(person());
      people.typed();
      await vi.advanceTimersByTimeAsync(5_000);
      expect(stored).toBeNull();
      there(people.form).phone = '+86 571';
      there(people.form).addAbsence(0, '陈默');
      there(there(people.form).absences[0]).to.date = '2026-1';
      people.typed();
      await vi.advanceTimersByTimeAsync(5_000);
      const drafts = new CareDrafts(host);
      await drafts.load();
      const again = new PeopleState(host, drafts);
      again.write(person());
      expect([there(again.form).phone, there(again.form).absences[0]?.to.date, there(again.form).absences[0]?.deputy]).toEqual(['+86 571', '2026-1', '陈默']);
      again.discard();
      await vi.advanceTimersByTimeAsync(5_000);
      expect(stored).toBeNull();
    } finally {
      vi.useRealTimers();
    }
  });
});
