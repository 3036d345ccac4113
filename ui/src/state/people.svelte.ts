// Service managers and deputies: contact cards, absences, and the one being written. What is typed stays until it is kept or given up.
import type { ApiError, Person, Problem } from '../api/generated';
import { asApiError, type Host } from '../host/host';
import { newMarker } from '../lib/marker';
import { tidyDate } from '../lib/rules/dates';
import { dayStart, readMoment, typedMoment, type TypedMoment } from '../lib/typed-moment';
import { listOf, textOf } from '../lib/kept';
import type { CareDrafts } from './care-drafts';
import { Debounce } from './debounce';

const CHECK_AFTER_MS = 250;
export const ABSENCES_MAX = 100;

export type AbsenceForm = { key: string; from: TypedMoment; to: TypedMoment; deputy: string; note: string };
export type PersonText = 'name' | 'role' | 'phone' | 'email' | 'im';

const momentOf = (kept: Record<string, unknown>, name: string): TypedMoment => {
  const moment = kept[name];
  const part = typeof moment === 'object' && moment !== null ? (moment as Record<string, unknown>) : {};
  return { date: textOf(part, 'date', ''), time: textOf(part, 'time', '') };
};

/** A person as being written. */
export class PersonForm {
  readonly id: number;
  /** The name that it was begun with, where somebody named one without a card. */
  readonly began: string;
  name = $state('');
  role = $state('');
  phone = $state('');
  email = $state('');
  im = $state('');
  languages = $state<string[]>([]);
  note = $state('');
  absences = $state<AbsenceForm[]>([]);
  problems = $state.raw<Problem[]>([]);
  tried = $state(false);
  busy = $state(false);
  error = $state.raw<ApiError | null>(null);
  /** What it was when it was opened. */
  readonly #before: string;

  constructor(person: Person | null, name = '') {
    this.id = person?.id ?? 0;
    this.began = person ? '' : name;
    this.name = person?.name ?? name;
    if (person) {
      this.role = person.role;
      this.phone = person.phone;
      this.email = person.email;
      this.im = person.im;
      this.languages = [...person.languages];
      this.note = person.note;
      this.absences = person.absences.map((one) => ({ key: newMarker(), from: typedMoment(one.from), to: typedMoment(one.to), deputy: one.deputy, note: one.note }));
    }
    this.#before = this.text();
  }

  /** Tomorrow until the morning after: whole days, as most absences are. */
  addAbsence(now: number, deputy: string): void {
    this.absences.push({ key: newMarker(), from: typedMoment(dayStart(now, 1)), to: typedMoment(dayStart(now, 2)), deputy, note: '' });
  }

  removeAbsence(key: string): void {
    this.absences = this.absences.filter((one) => one.key !== key);
  }

  /** The person as far as it can be read; null while a date or time cannot. */
  get person(): Person | null {
    const absences: Person['absences'] = [];
    for (const one of this.absences) {
      const [from, to] = [readMoment(one.from), readMoment(one.to)];
      if (from.at === null || to.at === null) return null;
      absences.push({ from: from.at, to: to.at, deputy: one.deputy.trim(), note: one.note.trim() });
    }
    return { id: this.id, name: this.name.trim(), role: this.role.trim(), phone: this.phone.trim(), email: this.email.trim(), im: this.im.trim(), languages: [...this.languages], note: this.note.trim(), absences };
  }

  get dirty(): boolean {
    return this.text() !== this.#before;
  }

  /** Everything that was typed, as one text. */
  text(): string {
    const absences = this.absences.map((one) => [tidyDate(one.from.date), one.from.time, tidyDate(one.to.date), one.to.time, one.deputy, one.note]);
    return JSON.stringify([this.name, this.role, this.phone, this.email, this.im, this.languages, this.note, absences]);
  }

  /** What was typed, to be kept over a restart. */
  kept(): Record<string, unknown> {
    const { name, role, phone, email, im, note } = this;
    return { name, role, phone, email, im, note, languages: [...this.languages], absences: this.absences.map((one) => ({ from: { ...one.from }, to: { ...one.to }, deputy: one.deputy, note: one.note })) };
  }

  take(kept: Record<string, unknown>): void {
    for (const field of ['name', 'role', 'phone', 'email', 'im', 'note'] as const) this[field] = textOf(kept, field, this[field]);
    const { languages } = kept;
    if (Array.isArray(languages)) this.languages = languages.filter((one): one is string => typeof one === 'string');
    this.absences = listOf(kept, 'absences', this.absences, (one) => ({ key: newMarker(), from: momentOf(one, 'from'), to: momentOf(one, 'to'), deputy: textOf(one, 'deputy', ''), note: textOf(one, 'note', '') })).slice(0, ABSENCES_MAX);
  }

  /** What is wrong with a field, or with anything inside it. */
  at(field: string): Problem[] {
    return this.problems.filter((one) => one.field === field || one.field.startsWith(`${field}.`) || one.field.startsWith(`${field}[`));
  }
}

const personKey = (id: number, name: string): string => (id === 0 ? `new ${name}` : String(id));

export class PeopleState {
  list = $state.raw<Person[] | null>(null);
  error = $state.raw<ApiError | null>(null);
  form = $state.raw<PersonForm | null>(null);
  open = $state(false);
  readonly #host: Host;
  readonly #drafts: CareDrafts;
  readonly #checking = new Debounce(() => void this.check(), CHECK_AFTER_MS);
  #check = 0;
  #shown = false;

  constructor(host: Host, drafts: CareDrafts) {
    this.#host = host;
    this.#drafts = drafts;
  }

  async load(): Promise<void> {
    this.#shown = true;
    try {
      this.list = await this.#host.call('people', {});
      this.error = null;
    } catch (thrown) {
      this.error = asApiError(thrown);
    }
  }

  async changed(): Promise<void> {
    if (this.#shown) await this.load();
  }

  named(name: string): Person | null {
    return (name !== '' && this.list?.find((one) => one.name === name)) || null;
  }

  /** What was typed for the same person is still there. */
  write(person: Person | null, name = ''): void {
    const same = this.form && this.form.id === (person?.id ?? 0) && (name === '' || this.form.name === name);
    if (!same) {
      this.form = new PersonForm(person, name);
      const kept = this.#drafts.get('person', personKey(person?.id ?? 0, name));
      if (kept) this.form.take(kept);
    }
    this.open = true;
  }

  discard(): void {
    this.#checking.cancel();
    if (this.form) this.#drafts.drop('person', personKey(this.form.id, this.form.began));
    this.form = null;
    this.open = false;
  }

  typed(): void {
    this.#checking.call();
    if (this.form?.dirty) this.#drafts.put('person', personKey(this.form.id, this.form.began), this.form.kept());
  }

  async check(): Promise<boolean> {
    const form = this.form;
    const person = form?.person;
    if (!form || !person) return false;
    const check = ++this.#check;
    const problems = await this.#host.call('person_check', { person });
    if (check === this.#check) form.problems = problems;
    return problems.length === 0;
  }

  /** Keeps what is in the form; answers the person, or null with the reason in the form. */
  async keep(): Promise<Person | null> {
    const form = this.form;
    if (!form || form.busy) return null;
    Object.assign(form, { tried: true, busy: true, error: null });
    try {
      if (!(await this.check()) || !form.person) return null;
      const person = await this.#host.call('person_put', { person: form.person });
      this.discard();
      await this.load();
      return person;
    } catch (thrown) {
      form.error = asApiError(thrown);
      return null;
    } finally {
      form.busy = false;
    }
  }

  async remove(person: Person): Promise<void> {
    await this.#host.call('person_remove', { id: person.id });
    if (this.form?.id === person.id) this.discard();
    await this.load();
  }

  /** Puts back one that was removed a moment ago. */
  async restore(person: Person): Promise<void> {
    await this.#host.call('person_put', { person: { ...person, id: 0 } });
    await this.load();
  }
}
