// Diagnosis sessions: those of the open ticket, all that are planned, and the one being written, finished or called off.
import type { ApiError, DiagnosisDraft, DiagnosisSession, Participant, Problem, TicketId } from '../api/generated';
import { asApiError, type Host } from '../host/host';
import { newMarker } from '../lib/marker';
import { nextHalfHour, readMoment, typedMoment, type TypedMoment } from '../lib/typed-moment';
import { isJoinUrl } from '../lib/join';
import { listOf, partOf, textOf } from '../lib/kept';
import type { CareDrafts } from './care-drafts';

export const LENGTHS_MIN = [30, 45, 60, 90, 120];
export const REMINDERS_MIN = [1440, 120, 60, 30, 10];
export const REMINDERS_DEFAULT = [60, 10];
export const PARTICIPANTS_MAX = 50;
const AHEAD_MIN = 60;
const MINUTE_MS = 60_000;

export type AboutTicket = { id: TicketId; remote_id: string; subject: string };
export type ParticipantForm = Participant & { key: string };
export type ConsentForm = { by: string; words: string; at: number };

const zone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone || 'Asia/Shanghai';
const blankConsent = (): ConsentForm => ({ by: '', words: '', at: 0 });

/** A session as it is being written. */
export class SessionForm {
  readonly id: number | null;
  readonly ticket: AboutTicket;
  /** As it is on the desk, for one that exists. */
  readonly session: DiagnosisSession | null;
  title = $state('');
  start = $state<TypedMoment>({ date: '', time: '' });
  length_min = $state(60);
  join_url = $state('');
  participants = $state<ParticipantForm[]>([]);
  consent = $state<ConsentForm>(blankConsent());
  reminders_min = $state<number[]>([...REMINDERS_DEFAULT]);
  problems = $state.raw<Problem[]>([]);
  tried = $state(false);
  busy = $state(false);
  error = $state.raw<ApiError | null>(null);

  constructor(ticket: AboutTicket, session: DiagnosisSession | null, fresh: { title: string; now: number; people: Participant[] }) {
    this.id = session?.id ?? null;
    this.ticket = ticket;
    this.session = session;
    this.title = session?.title ?? fresh.title;
    this.start = typedMoment(session?.start ?? nextHalfHour(fresh.now, AHEAD_MIN));
    if (session) {
      this.length_min = Math.round((session.end - session.start) / MINUTE_MS);
      this.join_url = session.join_url;
      this.reminders_min = [...session.reminders_min];
      if (session.consent) this.consent = { ...session.consent };
    }
    this.participants = (session?.participants ?? fresh.people).map((one) => ({ ...one, key: newMarker() }));
  }

  addParticipant(): void {
    if (this.participants.length < PARTICIPANTS_MAX) this.participants.push({ key: newMarker(), name: '', email: '', role: '' });
  }

  removeParticipant(key: string): void {
    this.participants = this.participants.filter((one) => one.key !== key);
  }

  /** Half a consent is not one: then both fields are asked for. */
  get consentBegun(): boolean {
    return this.consent.by.trim() !== '' || this.consent.words.trim() !== '';
  }

  get lengths(): number[] {
    return LENGTHS_MIN.includes(this.length_min) ? LENGTHS_MIN : [...LENGTHS_MIN, this.length_min].toSorted((a, b) => a - b);
  }

  get joinWrong(): boolean {
    return this.join_url.trim() !== '' && !isJoinUrl(this.join_url);
  }

  /** The session as far as it can be read; null while its beginning cannot. */
  draft(now: number): DiagnosisDraft | null {
    const start = readMoment(this.start);
    if (start.at === null) return null;
    return {
      id: this.id, ticket: this.ticket.id, title: this.title.trim(), start: start.at, end: start.at + this.length_min * MINUTE_MS, time_zone: this.session?.time_zone || zone(), join_url: this.join_url.trim(),
      participants: this.participants.filter((one) => `${one.name}${one.email}${one.role}`.trim() !== '').map(({ name, email, role }) => ({ name: name.trim(), email: email.trim(), role: role.trim() })),
      consent: this.consentBegun ? { by: this.consent.by.trim(), words: this.consent.words.trim(), at: this.consent.at || now } : null,
      findings: this.session?.findings ?? '', reminders_min: [...this.reminders_min],
    };
  }

  /** What was typed, to be kept over a restart. */
  kept(): Record<string, unknown> {
    const { title, length_min, join_url } = this;
    const people = this.participants.map(({ name, email, role }) => ({ name, email, role }));
    return { title, start: { ...this.start }, length_min, join_url, participants: people, consent: { ...this.consent }, reminders_min: [...this.reminders_min] };
  }

  take(kept: Record<string, unknown>): void {
    this.title = textOf(kept, 'title', this.title);
    this.join_url = textOf(kept, 'join_url', this.join_url);
    const start = partOf(kept, 'start');
    this.start = { date: textOf(start, 'date', this.start.date), time: textOf(start, 'time', this.start.time) };
    const minutes = Number(kept['length_min']);
    if (Number.isInteger(minutes) && minutes > 0 && minutes <= 1440) this.length_min = minutes;
    this.participants = listOf(kept, 'participants', this.participants, (one) => ({ key: newMarker(), name: textOf(one, 'name', ''), email: textOf(one, 'email', ''), role: textOf(one, 'role', '') })).slice(0, PARTICIPANTS_MAX);
    const consent = partOf(kept, 'consent');
    this.consent = { by: textOf(consent, 'by', this.consent.by), words: textOf(consent, 'words', this.consent.words), at: this.consent.at };
    const reminders = kept['reminders_min'];
    if (Array.isArray(reminders)) this.reminders_min = reminders.filter((one): one is number => Number.isInteger(one) && one >= 0);
  }

  at(field: string): Problem[] {
    return this.problems.filter((one) => one.field === field);
  }
}

/** The end of a session as it is being written: with consent where that is still missing. */
export class FinishForm {
  findings = $state('');
  to_ticket = $state(true);
  consent = $state<ConsentForm>(blankConsent());
  tried = $state(false);
  busy = $state(false);
  error = $state.raw<ApiError | null>(null);
  readonly marker = newMarker();
  session: DiagnosisSession;

  constructor(session: DiagnosisSession) {
    this.session = $state.raw(session);
    this.findings = session.findings;
  }

  kept(): Record<string, unknown> {
    return { findings: this.findings, to_ticket: this.to_ticket, consent: { ...this.consent } };
  }

  take(kept: Record<string, unknown>): void {
    this.findings = textOf(kept, 'findings', this.findings);
    this.to_ticket = kept['to_ticket'] !== false;
    const consent = partOf(kept, 'consent');
    this.consent = { by: textOf(consent, 'by', ''), words: textOf(consent, 'words', ''), at: 0 };
  }

  get missing(): 'consent' | 'findings' | null {
    if (!this.session.consent && (this.consent.by.trim() === '' || this.consent.words.trim() === '')) return 'consent';
    return this.findings.trim() === '' ? 'findings' : null;
  }
}

const sessionKey = (form: SessionForm): string => `${form.ticket.id}:${form.id ?? 'new'}`;

export class DiagnosisState {
  ticket = $state<TicketId | null>(null);
  ofTicket = $state.raw<DiagnosisSession[]>([]);
  all = $state.raw<DiagnosisSession[] | null>(null);
  error = $state.raw<ApiError | null>(null);
  form = $state.raw<SessionForm | null>(null);
  planning = $state(false);
  finish = $state.raw<FinishForm | null>(null);
  finishing = $state(false);
  calling = $state.raw<DiagnosisSession | null>(null);
  reason = $state('');
  readonly #host: Host;
  readonly #drafts: CareDrafts;
  #asked = 0;
  #before = '';

  constructor(host: Host, drafts: CareDrafts) {
    this.#host = host;
    this.#drafts = drafts;
  }

  async loadTicket(ticket: TicketId): Promise<void> {
    const asked = ++this.#asked;
    if (this.ticket !== ticket) this.ofTicket = [];
    this.ticket = ticket;
    const list = await this.#host.call('diagnoses', { ticket });
    if (asked === this.#asked) this.ofTicket = list;
  }

  async loadAll(): Promise<void> {
    try {
      this.all = await this.#host.call('diagnoses', { ticket: null });
      this.error = null;
    } catch (thrown) {
      this.error = asApiError(thrown);
    }
  }

  /** Sessions changed, here or through another window of the desk. */
  async changed(): Promise<void> {
    const work: Promise<void>[] = [];
    if (this.ticket !== null) work.push(this.loadTicket(this.ticket));
    if (this.all !== null) work.push(this.loadAll());
    await Promise.all(work);
  }

  /** What was typed for the same session is still there. */
  plan(ticket: AboutTicket, session: DiagnosisSession | null, fresh: { title: string; now: number; people: Participant[] }): void {
    const { form } = this;
    if (!form || form.ticket.id !== ticket.id || form.id !== (session?.id ?? null)) {
      this.form = new SessionForm(ticket, session, fresh);
      const kept = this.#drafts.get('session', sessionKey(this.form));
      if (kept) this.form.take(kept);
      this.#before = JSON.stringify(this.form.kept());
    }
    this.planning = true;
  }

  /** Something was typed: kept as soon as it differs from what the form began with. */
  typed(): void {
    const { form, finish } = this;
    if (form && JSON.stringify(form.kept()) !== this.#before) this.#drafts.put('session', sessionKey(form), form.kept());
    if (finish && `${finish.findings}${finish.consent.by}${finish.consent.words}`.trim() !== finish.session.findings.trim()) this.#drafts.put('finish', String(finish.session.id), finish.kept());
  }

  discard(): void {
    if (this.form) this.#drafts.drop('session', sessionKey(this.form));
    this.form = null;
    this.planning = false;
  }

  /** Keeps what is in the form; answers the session, or null with the reason in the form. */
  async keep(now: number): Promise<DiagnosisSession | null> {
    const { form } = this;
    if (!form || form.busy) return null;
    form.tried = true;
    const draft = form.draft(now);
    if (!draft || draft.title === '' || form.joinWrong) return null;
    Object.assign(form, { busy: true, error: null, problems: [] });
    try {
      const problems = await this.#host.call('diagnosis_check', { session: draft });
      form.problems = problems;
      if (problems.length > 0) return null;
      const session = await this.#host.call('diagnosis_put', { session: draft });
      this.discard();
      await this.changed();
      return session;
    } catch (thrown) {
      form.error = asApiError(thrown);
      return null;
    } finally {
      form.busy = false;
    }
  }

  beginFinish(session: DiagnosisSession): void {
    if (this.finish?.session.id === session.id) this.finish.session = session;
    else {
      this.finish = new FinishForm(session);
      const kept = this.#drafts.get('finish', String(session.id));
      if (kept) this.finish.take(kept);
    }
    this.finishing = true;
  }

  /** Consent first, where it was missing; then the end. Answers whether it is finished. */
  async keepFinish(now: number): Promise<boolean> {
    const form = this.finish;
    if (!form || form.busy) return false;
    form.tried = true;
    if (form.missing) return false;
    Object.assign(form, { busy: true, error: null });
    try {
      if (!form.session.consent) {
        const { id, ticket, title, start, end, time_zone, join_url, participants, reminders_min } = form.session;
        form.session = await this.#host.call('diagnosis_put', { session: { id, ticket, title, start, end, time_zone, join_url, participants, reminders_min, findings: form.findings.trim(), consent: { by: form.consent.by.trim(), words: form.consent.words.trim(), at: now } } });
      }
      await this.#host.call('diagnosis_finish', { id: form.session.id, findings: form.findings.trim(), to_ticket: form.to_ticket, marker: form.marker });
      this.#drafts.drop('finish', String(form.session.id));
      this.finish = null;
      this.finishing = false;
      await this.changed();
      return true;
    } catch (thrown) {
      form.error = asApiError(thrown);
      return false;
    } finally {
      form.busy = false;
    }
  }

  beginCancel(session: DiagnosisSession): void {
    if (this.calling?.id !== session.id) this.reason = '';
    this.calling = session;
  }

  async cancel(): Promise<void> {
    const session = this.calling;
    if (!session) return;
    await this.#host.call('diagnosis_cancel', { id: session.id, reason: this.reason.trim() });
    this.calling = null;
    this.reason = '';
    await this.changed();
  }

  /** The place the file was saved to; null when the person thought better of it. */
  file(session: DiagnosisSession): Promise<string | null> {
    return this.#host.call('diagnosis_ics', { id: session.id });
  }
}
