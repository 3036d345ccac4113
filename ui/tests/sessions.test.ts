import { describe, expect, it } from 'vitest';
import type { CaldavView, DiagnosisDraft, DiagnosisSession, Subscription } from '../src/api/generated';
import { l10n } from '../src/lib/l10n.svelte';
import { reminderWords, sessionSpan } from '../src/lib/sessions';
import { typedMoment } from '../src/lib/typed-moment';
import { CalendarsState } from '../src/state/calendars.svelte';
import { DiagnosisState } from '../src/state/diagnosis.svelte';
import { CareDrafts } from '../src/state/care-drafts';
import { LiveState } from '../src/state/live.svelte';
import { ScriptedHost, there } from './host';

const NOW = new Date(2026, 10, 21, 14, 10).getTime();
const HOUR = 3_600_000;
const session = (more: Partial<DiagnosisSession> = {}): DiagnosisSession => ({
  id: 4, uid: 'u', ticket: 3, ticket_remote_id: 'T3', title: '会诊', start: NOW, end: NOW + HOUR, time_zone: 'Asia/Shanghai', join_url: 'https://a.example/j', participants: [], consent: null, findings: '', state: 'planned', cancel_reason: '', sequence: 0, reminders_min: [60], updated_at: 0, ...more,
});
const about = { id: 3, remote_id: 'T3', subject: '网关 502' };
const fresh = { title: '云医生会诊：网关 502', now: NOW, people: [{ name: '周启明', email: '', role: '' }] };
const drafts = (host: ScriptedHost): DiagnosisDraft[] => host.named('diagnosis_put').map((args) => (args as { session: DiagnosisDraft }).session);

describe('a session', () => {
  it('is planned with what was typed; empty rows of people and an empty consent are left out', async () => {
    const host = new ScriptedHost({ diagnosis_check: () => [], diagnosis_put: () => session(), diagnoses: () => [] });
    const diagnosis = new DiagnosisState(host, new CareDrafts(host));
    diagnosis.plan(about, null, fresh);
    const form = there(diagnosis.form);
    expect(form.start).toEqual({ date: '2026-11-21', time: '15:30' });
    form.addParticipant();
    form.length_min = 90;
    form.join_url = ' https://a.example/j ';
    expect(await diagnosis.keep(NOW)).not.toBeNull();
    expect(drafts(host)).toEqual([expect.objectContaining({ id: null, ticket: 3, title: fresh.title, end: new Date(2026, 10, 21, 17, 0).getTime(), join_url: 'https://a.example/j', participants: fresh.people, consent: null, reminders_min: [60, 10] })]);
    expect([diagnosis.planning, diagnosis.form]).toEqual([false, null]);
  });

  it('is not sent with a link that is not https or a time that cannot be read, and stays as typed', async () => {
    const host = new ScriptedHost({});
    const diagnosis = new DiagnosisState(host, new CareDrafts(host));
    diagnosis.plan(about, null, fresh);
    there(diagnosis.form).join_url = 'http://a.example';
    expect(await diagnosis.keep(NOW)).toBeNull();
    there(diagnosis.form).join_url = '';
    there(diagnosis.form).start = { date: '2026-11-40', time: '15:00' };
    expect(await diagnosis.keep(NOW)).toBeNull();
    diagnosis.planning = false;
    diagnosis.plan(about, null, fresh);
    expect(there(diagnosis.form).start.date).toBe('2026-11-40');
    expect(host.calls).toEqual([]);
  });

  it('shows what the core finds wrong beside its field', async () => {
    const host = new ScriptedHost({ diagnosis_check: () => [{ field: 'participants[0].email', code: 'mail_address_invalid', args: {} }] });
    const diagnosis = new DiagnosisState(host, new CareDrafts(host));
    diagnosis.plan(about, null, fresh);
    expect(await diagnosis.keep(NOW)).toBeNull();
    expect(there(diagnosis.form).at('participants[0].email')).toHaveLength(1);
    expect(host.named('diagnosis_put')).toEqual([]);
  });

  it('keeps the instant of a consent that was recorded before', () => {
    const consent = { by: '周启明', at: 5, words: '同意' };
    const diagnosis = new DiagnosisState(new ScriptedHost({}), new CareDrafts(new ScriptedHost({})));
    diagnosis.plan(about, session({ consent }), fresh);
    expect(there(diagnosis.form).draft(NOW)?.consent).toEqual(consent);
    expect(there(diagnosis.form).draft(NOW)?.start).toBe(NOW);
  });
});

describe('finishing', () => {
  it('asks for consent first, records it, and only then finishes', async () => {
    const host = new ScriptedHost({ diagnosis_put: ({ session: one }) => session({ consent: one.consent }), diagnosis_finish: () => session({ state: 'done' }), diagnoses: () => [] });
    const diagnosis = new DiagnosisState(host, new CareDrafts(host));
    diagnosis.beginFinish(session());
    const form = there(diagnosis.finish);
    form.findings = '间隔 300 秒';
    expect(form.missing).toBe('consent');
    expect(await diagnosis.keepFinish(NOW)).toBe(false);
    expect(host.calls).toEqual([]);
    form.consent.by = '周启明';
    form.consent.words = '同意查看';
    expect(await diagnosis.keepFinish(NOW)).toBe(true);
    expect(host.calls.map((call) => call.name)).toEqual(['diagnosis_put', 'diagnosis_finish']);
    expect(there(drafts(host)[0]).consent).toEqual({ by: '周启明', words: '同意查看', at: NOW });
    expect(host.named('diagnosis_finish')).toEqual([{ id: 4, findings: '间隔 300 秒', to_ticket: true, marker: form.marker }]);
  });

  it('tries again with the same marker, and does not record consent twice', async () => {
    let fails = true;
    const host = new ScriptedHost({
      diagnosis_put: ({ session: one }) => session({ consent: one.consent }), diagnoses: () => [],
      diagnosis_finish: () => {
        if (fails) throw { code: 'storage', args: {} };
        return session({ state: 'done' });
      },
    });
    const diagnosis = new DiagnosisState(host, new CareDrafts(host));
    diagnosis.beginFinish(session());
    Object.assign(there(diagnosis.finish), { findings: 'x' });
    Object.assign(there(diagnosis.finish).consent, { by: 'a', words: 'b' });
    expect(await diagnosis.keepFinish(NOW)).toBe(false);
    expect(there(diagnosis.finish).error?.code).toBe('storage');
    expect(there(diagnosis.finish).findings).toBe('x');
    fails = false;
    expect(await diagnosis.keepFinish(NOW)).toBe(true);
    const sent = host.named('diagnosis_finish') as { marker: string }[];
    expect(new Set(sent.map((args) => args.marker)).size).toBe(1);
    expect(drafts(host)).toHaveLength(1);
  });
});

describe('words of sessions', () => {
  it('name the day, the hours and the reminders', () => {
    l10n.language = 'zh-CN';
    expect(sessionSpan(session(), NOW)).toBe('今天 14:10–15:10');
    expect(reminderWords([10, 1440])).toMatch(/1 天、10 分/);
    expect(reminderWords([])).toBe('不提醒');
    expect(typedMoment(NOW)).toEqual({ date: '2026-11-21', time: '14:10' });
  });
});

const subscription = (more: Partial<Subscription> = {}): Subscription => ({ id: 1, name: '直播答疑', url: '', shipped: true, enabled: false, reminders: [60], fetched_at: null, code: null, next_at: 5, ...more });

describe('subscriptions', () => {
  it('that cannot be read are not added, and what was typed stays with the reason', async () => {
    const host = new ScriptedHost({ subscriptions: () => [], live_sessions: () => [], subscription_put: () => { throw { code: 'host_unreachable', args: {} }; } });
    const live = new LiveState(host);
    live.adding = true;
    live.url = 'https://calendar.example/x.ics';
    expect(await live.add()).toBeNull();
    expect([live.url, live.adding, live.addError?.code]).toEqual(['https://calendar.example/x.ics', true, 'host_unreachable']);
  });

  it('are switched on with everything else as it was', async () => {
    const host = new ScriptedHost({ subscriptions: () => [subscription({ enabled: true })], live_sessions: () => [], subscription_put: () => subscription({ enabled: true }) });
    const live = new LiveState(host);
    await live.change(subscription(), { enabled: true });
    expect(host.named('subscription_put')).toEqual([{ subscription: { id: 1, name: '直播答疑', url: '', enabled: true, reminders: [60] } }]);
  });
});

const view = (more: Partial<CaldavView> = {}): CaldavView => ({ url: 'https://dav.example/', user: 'lin', calendar_href: '/lin/work/', calendar_name: '工作', enabled: true, state: 'current', last_pushed_at: null, waiting: 0, retry_at: null, code: null, ...more });

describe('the calendar', () => {
  it('is looked for before it is kept, and again when what was typed changed', async () => {
    const host = new ScriptedHost({ caldav_get: () => null, caldav_check: () => ({ calendars: [{ href: '/lin/work/', name: '工作' }] }), caldav_put: () => view() });
    const calendars = new CalendarsState(host);
    await calendars.load();
    calendars.edit();
    Object.assign(calendars, { url: 'https://dav.example/', user: 'lin' });
    expect(await calendars.check()).toBe(false);
    expect(calendars.missing).toBe('password');
    calendars.password = 'secret';
    expect(await calendars.check()).toBe(true);
    calendars.user = 'lin.xia';
    expect(await calendars.keep()).toBeNull();
    await calendars.check();
    expect(await calendars.keep()).not.toBeNull();
    expect(host.named('caldav_put')).toEqual([{ caldav: { url: 'https://dav.example/', user: 'lin.xia', password: 'secret', calendar_href: '/lin/work/', calendar_name: '工作', enabled: true } }]);
    expect([calendars.password, calendars.editing]).toEqual(['', false]);
  });

  it('uses the kept password only for the same address and person', async () => {
    const host = new ScriptedHost({ caldav_get: () => view() });
    const calendars = new CalendarsState(host);
    await calendars.load();
    calendars.edit();
    expect([calendars.keeps, calendars.missing]).toEqual([true, null]);
    calendars.url = 'https://other.example/';
    expect([calendars.keeps, calendars.missing]).toEqual([false, 'password']);
  });
});
